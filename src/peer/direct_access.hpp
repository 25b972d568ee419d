// The peer's direct stream to one gateway: asked for after each login, opened, and opened again when it
// breaks. Meanwhile requests come in band, which needs nothing of this.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/direct_link.hpp"
#include "net/sticky_bell.hpp"
#include "peer/direct_offer.hpp"

namespace crosstalk::peer {

struct direct_access_settings {
    direct_rules rules;
    talk::direct_settings exchange;
    bool is_required = false;  ///< trouble is told even where requests can come in band
    std::string id_prefix;     ///< unguessable, for ids of questions
};

class direct_access {
  public:
    /// `names` must outlive this.
    direct_access(net::executor ex, net::resolver& names, net::tls_client_context tls,
                  direct_access_settings settings);

    /// Keeps the stream up until stop().
    [[nodiscard]] net::awaitable<void> run();
    void stop();

    [[nodiscard]] const std::string& gateway() const noexcept { return settings_.rules.gateway; }

    /// The gateway has told that it knows us: it is asked.
    void meet();
    /// We, or the gateway, are here anew: asked again, at once, if it has known us before.
    void meet_again();
    void offline();
    /// Whether the stanza answers our question; then it is dealt with.
    [[nodiscard]] bool receive(const xmpp::element& stanza);

    std::function<bool(const xmpp::element&)> send;  ///< whether it could be sent
    std::function<void(net::call)> on_request;
    std::function<void(std::string_view text)> on_news;  ///< for people

    [[nodiscard]] std::size_t open_count() const noexcept { return link_ ? link_->open_count() : 0; }
    [[nodiscard]] bool is_over() const noexcept { return is_over_; }

  private:
    [[nodiscard]] net::awaitable<bool> connect_once();
    [[nodiscard]] net::awaitable<std::optional<net::websocket_place>> ask();
    [[nodiscard]] net::awaitable<void> carry(net::opened_websocket opened);
    void fail(std::string why);
    void tell(const std::string& what);

    net::executor ex_;
    net::resolver& names_;
    net::tls_client_context tls_;
    direct_access_settings settings_;
    net::sticky_bell news_;
    std::unique_ptr<net::direct_link> link_;
    std::string question_;  ///< id of the pending <direct/>, or ""
    std::optional<net::websocket_place> offer_;
    std::string told_;  ///< the last trouble
    unsigned serial_ = 0;
    bool is_known_ = false;    ///< the gateway has told that it knows us
    bool is_met_ = false;      ///< it may be asked
    bool is_urgent_ = false;   ///< without a pause
    bool is_refused_ = false;  ///< it has no direct streams for us: asked again at the next meeting
    bool is_stopped_ = false;
    bool is_over_ = false;
};

}  // namespace crosstalk::peer
