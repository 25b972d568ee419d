// What happens to each request of the public: to which site, which resource, and what comes of it.
//
// Rule: every request leaves one line in the log: method, site, path without query, status, bytes,
// time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ask/errand.hpp"
#include "ask/http_server.hpp"
#include "gateway/allowance.hpp"
#include "gateway/asking.hpp"
#include "gateway/client_address.hpp"
#include "gateway/component.hpp"
#include "gateway/open_visits.hpp"
#include "gateway/owner_limits.hpp"
#include "gateway/reception.hpp"
#include "gateway/routes.hpp"

namespace crosstalk::gateway {

using ask::http_server;
using ask::http_server_settings;
using ask::relay_settings;
using ask::send_page;

class front_end {
  public:
    /// `xmpp` must outlive this.
    front_end(net::executor ex, component& xmpp, const settings& s);

    /// Answers one request; whether the connection may go on.
    [[nodiscard]] net::awaitable<bool> answer(net::http_stream& connection,
                                              http::request_head& head);
    /// Holds for requests that come from now on.
    void configure(const settings& s);
    /// Sites or rules have changed: whoever may see a site no more is cut short.
    void review();

  private:
    struct configuration;
    struct request;  ///< one request on its way

    [[nodiscard]] std::optional<allowance::place> admit(const request& r);
    [[nodiscard]] net::awaitable<bool> open_direct(request& r);
    [[nodiscard]] net::awaitable<bool> answer_site(request& r);
    [[nodiscard]] net::awaitable<std::optional<page>> receive_visitor(request& r, const site& where);
    [[nodiscard]] net::awaitable<bool> ask(request& r, std::string owner);
    [[nodiscard]] net::awaitable<bool> tell(request& r, page what);
    [[nodiscard]] net::awaitable<bool> refuse(request& r, failure why);

    net::executor ex_;
    component& xmpp_;
    allowance clients_;    ///< of each visitor, by the network of the address
    owner_limits owners_;  ///< of each publisher
    reception reception_;
    open_visits open_;
    std::shared_ptr<const configuration> configuration_;
};

/// How the front end's connections are to be, by the settings.
[[nodiscard]] http_server_settings server_settings_of(const settings& s);

}  // namespace crosstalk::gateway
