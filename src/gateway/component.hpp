// The gateway's place on XMPP: the component stream, the exchange over it, the sites and their owners.
//
// Rule 1: everything that decides is in services, presence_table, directory and talk::exchange; this
// class
//         carries between them and the link.
// Rule 2: the stream is tried again for ever; while it is down everything else goes on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "ask/errand.hpp"
#include "gateway/allowance.hpp"
#include "gateway/asking.hpp"
#include "gateway/open_visits.hpp"
#include "gateway/policies.hpp"
#include "gateway/registry.hpp"
#include "gateway/settings.hpp"
#include "gateway/traffic.hpp"
#include "net/exchange_link.hpp"

namespace crosstalk::gateway {

class visitors;

class component {
  public:
    /// `names` must outlive this. `sites`: nothing when there is no registry.
    component(net::executor ex, net::resolver& names, const settings& s, std::optional<registry> sites);
    ~component();

    /// What it needs of whoever runs this.
    struct upkeep {
        std::function<bool()> reload;              ///< reads the configuration; whether it was taken
        std::function<std::size_t()> connections;  ///< of visitors that are open
        std::function<void()> review;              ///< sites or rules have changed
    };
    void entrust(upkeep to);
    /// For whoever answers visitors to count in.
    [[nodiscard]] traffic& flows() noexcept;

    /// Keeps the stream up until stop().
    [[nodiscard]] net::awaitable<void> run();
    /// Says unavailable to everybody and closes the stream in order.
    void stop();
    /// Takes what may change while it runs: sites, addresses, limits.
    void configure(const settings& s);

    [[nodiscard]] bool is_attached() const noexcept;
    /// Why it is not attached, or why that is not enough, in words; "" when all is well.
    [[nodiscard]] std::string trouble() const;

    /// The site of that name that visitors are shown, or null; what has just been registered is found. Valid
    /// until the next co_await.
    [[nodiscard]] net::awaitable<const site*> find_site(std::string name);
    /// The same by a host that a site has for its own.
    [[nodiscard]] net::awaitable<const site*> find_host(std::string host);
    /// Whether a request that has begun may go on: the site is still there, the owner's, and for its visitor.
    /// Of contacts that cannot be told without asking: they may.
    [[nodiscard]] bool may_go_on(const open_visit& visit) const;
    /// What the operator says of people and domains.
    [[nodiscard]] const policies& rules() const noexcept;
    /// What a request wants of a resource: each has limits of its own.
    enum class purpose { response, websocket };
    /// The resource of `owner` to ask for `site`, but for `avoid`. Waits only while presence is being found out.
    [[nodiscard]] net::awaitable<ask::whereabouts> locate(std::string owner, std::string site,
                                                          std::string avoid, purpose what);
    /// Who the visitors of sites are.
    [[nodiscard]] visitors& known_visitors() noexcept;
    /// To be held as long as a request to `full` is open that asks for a WebSocket.
    [[nodiscard]] allowance::place hold_websocket(const std::string& full);
    [[nodiscard]] net::call open(std::string full, cgi::environ_map request, bool body_follows);
    /// Whose token it is that opens a direct stream; good once.
    [[nodiscard]] std::optional<std::string> admit_direct(std::string_view token);
    /// Takes over the WebSocket of whoever was admitted, if that resource is still there.
    void adopt_direct(const std::string& full, net::byte_stream stream, std::string received);
    /// How a transaction with `full` ended: servers on the way may have said something about its
    /// domain.
    void note_end(const std::string& full, const talk::outcome& end);

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::gateway
