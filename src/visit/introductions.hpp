// Presence between us and the peers that we ask: who has been told that we are here, which of their
// resources answer, and when we say goodbye (docs/protocol.md, "From peer to peer").
//
// Rule 1: presence counts only from a bare JID that was asked, and never our own.
// Rule 2: nobody is asked for longer than `patience`, nor kept for longer than `idle` after the last
// use. Rule 3: a refusal by one resource leaves the others a moment to answer. Rule 4: no I/O, no
// clock: stanzas are polled, time is an argument. Peers are bounded in number.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "ask/presence_table.hpp"
#include "base/clock.hpp"
#include "xmpp/presence.hpp"

namespace crosstalk::visit {

struct introduction_settings {
    std::string id_prefix;  ///< unguessable, for ids of our questions
    std::size_t most = 64;  ///< peers at once
    base::milliseconds idle{60'000};
};

/// What has come of asking for a peer's presence.
enum class welcome : std::uint8_t {
    waiting,
    found,
    refused,      ///< the publisher has not let us in
    nobody,       ///< nobody answers
    unreachable,  ///< a server says that it cannot find the way
};

class introductions {
  public:
    using time_point = base::time_point;
    static constexpr base::milliseconds patience{10'000};

    explicit introductions(introduction_settings settings);

    /// A stream is up. Unless it was resumed, nobody knows us any more.
    void online(bool is_resumed, const std::string& own_full, time_point now);
    void offline();
    /// Says goodbye to everybody.
    void farewell();

    /// Somebody is about to ask `bare`: it is kept until leave(). False when there are too many.
    [[nodiscard]] bool enter(const std::string& bare, time_point now);
    void leave(const std::string& bare, time_point now);

    struct search {
        std::string bare;
        time_point since;  ///< what was found out before does not count
    };
    struct finding {
        welcome what = welcome::waiting;
        std::string full;  ///< beside found
    };
    /// The resource to ask now; asks for presence if there is none. `judge` may rule resources out.
    [[nodiscard]] finding look(
        const search& what,
        const std::function<ask::presence_table::verdict(const std::string& full)>& judge,
        time_point now);
    /// A resource has failed: others are looked for first for a while.
    void failed(std::string_view full, time_point now) noexcept { table_.failed(full, now); }

    /// Whether the stanza was this room's business; then it is dealt with.
    bool receive(const xmpp::element& stanza, time_point now);
    [[nodiscard]] std::optional<xmpp::element> next_stanza();
    [[nodiscard]] std::optional<time_point> deadline() const;
    void expire(time_point now);

    [[nodiscard]] std::size_t size() const noexcept { return peers_.size(); }

  private:
    struct acquaintance {
        std::size_t users = 0;
        time_point last_used{};
        bool is_greeted = false;             ///< it has our presence
        std::optional<time_point> asked_at;  ///< while its presence is awaited
        time_point repeat_at{};
        std::optional<time_point> refused_at;
        welcome told = welcome::nobody;  ///< what the last asking came to ...
        time_point told_at{};            ///< ... and when
    };

    void push(xmpp::element stanza);
    void greet(const std::string& bare, acquaintance& a, time_point now);
    void conclude(acquaintance& a, welcome what, time_point now);
    void ask_disco(ask::resource& r, time_point now);
    void ask_disco_again(time_point now);
    bool receive_presence(const xmpp::element& stanza, time_point now);
    void receive_available(const xmpp::presence& p, time_point now);
    void receive_error(acquaintance& a, const xmpp::presence& p, time_point now);
    bool receive_answer(const xmpp::element& stanza);
    [[nodiscard]] bool make_room();
    void forget(std::map<std::string, acquaintance>::iterator at);

    introduction_settings settings_;
    ask::presence_table table_;
    ask::caps_cache caps_;
    std::map<std::string, acquaintance> peers_;
    std::string own_full_;
    std::deque<xmpp::element> stanzas_;
    std::uint64_t serial_ = 0;
    bool is_online_ = false;
};

}  // namespace crosstalk::visit
