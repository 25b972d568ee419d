// How a peer and its gateways get to know each other: subscriptions, presence, and the question which
// sites are this peer's.
//
// Rule 1: only the configured gateways are answered; presence of anybody else is left to the owner's
//         other clients.
// Rule 2: an answer counts only from the one who was asked, under the id of the question.
// Rule 3: a gateway that cannot be reached is asked again for ever; one that says that it has no site
// for
//         us is a refusal.
// Rule 4: a name that is wanted and not ours is registered (XEP-0077), once.
// Rule 5: where a name is wanted, each gateway is told that we serve that site alone.
// Rule 6: no I/O, no clock: stanzas and events are polled, time is an argument.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "peer/own_presence.hpp"
#include "peer/roster.hpp"

namespace crosstalk::peer {

struct contact_settings {
    std::vector<std::string> gateways;  ///< domains
    std::string name;  ///< of the site that is wanted; "" = all that the gateway has for us
    std::string visibility = {};  ///< for a name that is registered; "" = the gateway's default
    own_presence here = {};
    std::string id_prefix = {};  ///< for ids of questions
};

struct contact_event {
    enum class kind {
        site_up,      ///< `urls` are ours; once per gateway
        refused,      ///< the gateway has no site for us; `text` says what it does have, `reason` why
                      ///< it does not give us the name that we want
        unreachable,  ///< asked again later; once until the reason changes
        back,         ///< after unreachable, with the site known already
        withdrawn,    ///< the gateway has no site of ours any more; site_up follows when it has one again
    };
    kind what = kind::site_up;
    std::string gateway;
    std::vector<std::string> urls;
    std::string text;
    std::string reason;
};

class gateway_contacts {
  public:
    explicit gateway_contacts(contact_settings settings);

    /// A stream is up. After a resumption everybody still knows us: only open questions are asked
    /// again.
    void online(bool is_resumed, base::time_point now);
    void offline();
    /// The roster has come: subscriptions that it lacks are asked for and approved.
    void complete(const roster& contacts);
    /// Says goodbye to everybody.
    void leave();

    /// Whether the stanza was this room's business; then it is dealt with.
    bool receive(const xmpp::element& stanza, base::time_point now);
    [[nodiscard]] std::optional<xmpp::element> next_stanza();
    [[nodiscard]] std::optional<contact_event> poll();
    [[nodiscard]] std::optional<base::time_point> deadline() const;
    void expire(base::time_point now);

  private:
    struct contact {
        std::string domain;
        std::string question;  ///< id of the pending <sites/> or registration, or ""
        bool is_claiming = false;  ///< it is the registration
        bool has_claimed = false;
        std::string others;  ///< addresses of ours under other names
        std::optional<base::time_point> ask_at;       ///< when to ask (again), or give up waiting
        std::optional<base::time_point> announce_at;  ///< when to send presence
        base::time_point announced{};
        unsigned failures = 0;
        std::string trouble;  ///< the last one told
        bool is_known = false;
        bool was_up = false;      ///< it was known at some time
        bool is_doubted = false;  ///< it was known, and the gateway has taken leave of us
    };

    [[nodiscard]] contact* find(std::string_view jid);
    void announce(contact& c, base::time_point now);
    void show(const std::string& to, const std::vector<std::string>& sites);
    void ask(contact& c, base::time_point now);
    void ask_later(contact& c, const std::string& trouble, base::time_point now);
    void claim(contact& c, base::time_point now);
    void answer_claim(contact& c, const xmpp::element& stanza, base::time_point now);
    void accept_loss(contact& c);
    void take_sites(contact& c, const xmpp::element& sites, base::time_point now);
    void answer_question(contact& c, const xmpp::element& stanza, base::time_point now);
    bool receive_iq(const xmpp::element& stanza, base::time_point now);
    bool receive_presence(const xmpp::element& stanza, base::time_point now);
    void doubt(contact& c, base::time_point now);
    [[nodiscard]] std::string next_id();

    contact_settings settings_;
    std::vector<contact> contacts_;
    std::deque<xmpp::element> stanzas_;
    std::deque<contact_event> events_;
    unsigned serial_ = 0;
    bool is_online_ = false;
};

}  // namespace crosstalk::peer
