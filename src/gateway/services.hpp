// The gateway as an XMPP entity: what it says of itself, whom it greets, whose presence it believes,
// and which sites it lists (docs/protocol.md, sections 4 and "Which sites are mine").
//
// Rule 1: stanzas in, stanzas out; no clock, no I/O. The owner sends what next() gives when the link
// has
//         room for it.
// Rule 2: an error or a result is never answered.
// Rule 3: presence counts only from bare JIDs that have a site.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "gateway/asking.hpp"
#include "gateway/directory.hpp"
#include "gateway/routes.hpp"
#include "xmpp/presence.hpp"
#include "xmpp/services.hpp"

namespace crosstalk::gateway {

struct services_settings {
    std::string domain;
    std::string version;
    std::string id_prefix;  ///< unguessable, for ids of our own queries
    route_settings routes;  ///< for the URLs of sites
    bool registers = false;  ///< people may bind names
};

/// What presence has changed, for the exchange.
struct presence_change {
    std::string full;
    bool is_available = false;
};

class services {
  public:
    /// How long requests wait for an owner who has just been asked.
    static constexpr base::milliseconds patience{5'000};

    /// `sites` and `table` must outlive this.
    services(services_settings settings, const directory& sites, presence_table& table,
             base::time_point started);
    /// What a configuration may change: routes, and what the gateway says of itself.
    void configure(const services_settings& settings);

    /// The component's stream is up: everybody is greeted.
    void attached(base::time_point now);
    /// The stream is gone, and with it all presence.
    void detached();
    /// Their sites have changed: who is an owner now is greeted and asked for presence, who is none any more
    /// is taken leave of, and forgotten.
    void sites_changed(const std::vector<std::string>& owners, base::time_point now);
    /// The same for everybody.
    void sites_changed(base::time_point now);
    /// Says unavailable to all owners.
    void farewell();

    /// Deals with a stanza that was not the exchange's.
    void receive(const xmpp::element& stanza, base::time_point now,
                 std::chrono::system_clock::time_point wall);
    /// Queues an answer that was made elsewhere.
    void reply(xmpp::element stanza) { push(std::move(stanza)); }
    /// Asks again what has not been answered; to be called about once a second.
    void expire(base::time_point now);

    /// The next stanza to send.
    [[nodiscard]] std::optional<xmpp::element> next(base::time_point now);
    [[nodiscard]] std::optional<presence_change> poll();

    /// Until when a request for this owner, of whom nobody is known to be online, should wait: the past
    /// when everything that can be known is known.
    [[nodiscard]] base::time_point settles_at(const std::string& owner) const;

  private:
    struct acquaintance {
        base::time_point probed{};    ///< or, before that, put into the queue
        bool answered = false;        ///< to the probe, in whatever way
        bool greeted = false;         ///< it was our turn to
        bool asked_to_share = false;  ///< a subscription was asked for
    };

    /// What one owner is to be told; the stanzas are made when their turn comes.
    enum class greeting : std::uint8_t {
        hello,         ///< we are here: are you?
        introduction,  ///< a new owner: let us share presence (XEP-0100, 4.1)
        plea,          ///< the probe was not answered: let us share presence
        goodbye,       ///< we leave
        parting,       ///< the last site is given back (XEP-0100, 4.3)
    };

    void push(xmpp::element stanza);
    void greet(const std::string& owner, greeting how, base::time_point now);
    void meet(const std::string& owner, base::time_point now);
    void forget(const std::string& owner);
    void keep_partings();
    void ask_to_share(const std::string& owner, acquaintance& a);
    void receive_presence(const xmpp::presence& p, const xmpp::element& stanza, base::time_point now);
    void owner_available(const xmpp::presence& p, ask::served_sites serves, base::time_point now);
    void owner_unavailable(const xmpp::presence& p);
    void stranger(const xmpp::presence& p);
    void receive_response(const xmpp::element& stanza);
    void receive_request(const xmpp::element& stanza, const xmpp::moment& when);
    void ask_disco(resource& r, base::time_point now);
    [[nodiscard]] xmpp::element list_sites(const xmpp::element& stanza) const;
    [[nodiscard]] xmpp::element own_presence(const std::string& to) const;

    services_settings settings_;
    const directory& sites_;
    presence_table& table_;
    caps_cache caps_;
    xmpp::self_description self_;
    xmpp::caps announced_;
    xmpp::element picture_;  ///< of the card, as presence announces it
    base::time_point started_;
    bool attached_ = false;
    bool is_leaving_ = false;
    std::uint64_t serial_ = 0;
    std::map<std::string, acquaintance> owners_;
    std::deque<std::pair<std::string, greeting>> to_greet_;
    std::deque<xmpp::element> out_;
    std::deque<presence_change> changes_;
};

}  // namespace crosstalk::gateway
