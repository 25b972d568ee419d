// The way to one full JID: what is unacknowledged on it, how much may be, and whether anybody is there.
//
// Rule 1: no more unacknowledged bytes than it acknowledged in the last half second, or in two lowest
// round trips if that is longer: 16 KiB to begin with and after a rest, never under 2 KiB; and no more
// stanzas than its pace says. One stanza may always be outstanding.
// Rule 2: all that is unacknowledged would fit into one stanza: there are servers that hold what they
// read at once against their limit for a stanza.
// Rule 3: while requests keep coming, what is outstanding may hold them up for 10 ms at most; a
// transfer that is alone on its path may fill it for longer.
// Rule 4: presence is not liveness: 3 s of silence without a result (5 s without one, whatever else is
// heard), 2 s without an answer that is due, or 30 s of silence of one that has asked, are followed by
// a ping; a ping without a sign of life means that nobody is there.
// Rule 4: stanzas arrive in the order in which they went, and results go at once: one that is still
// unanswered some seconds after a later one was answered, or a later ping, is lost.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "talk/pace.hpp"

namespace crosstalk::talk {

/// Bytes over the last while, in coarse slots.
class meter {
  public:
    using time_point = base::time_point;
    void add(std::uint64_t bytes, time_point now);
    /// Bytes within `span` before `now`.
    [[nodiscard]] std::uint64_t sum(base::milliseconds span, time_point now);
    void clear() {
        slots_.clear();
        total_ = 0;
    }

  private:
    struct slot {
        time_point begin;
        std::uint64_t bytes;
    };
    std::deque<slot> slots_;
    std::uint64_t total_ = 0;
};

/// Body bytes of one transaction in a stanza that is not answered yet.
struct share {
    bool mine;  ///< opened by this side
    std::string batch;
    std::uint64_t body;
};
using share_test = std::function<bool(const share&)>;

class path {
  public:
    using time_point = base::time_point;

    struct sent_stanza {
        std::string id;
        std::size_t bytes;
        time_point at;
        std::vector<share> shares;
        std::optional<time_point> overtaken = {};  ///< when something later was answered
    };

    /// Whether another stanza with payload may go now.
    [[nodiscard]] bool may_send(time_point now);
    /// Payload bytes that may go now in one stanza.
    [[nodiscard]] std::size_t room(time_point now);
    /// Payload bytes that a stanza aims at when nothing is in its way.
    [[nodiscard]] std::size_t aim() const noexcept { return pace_now().size(); }
    /// Whether messages are to be packed: found by the pace, once the other side has said that it can.
    [[nodiscard]] bool packs() const noexcept { return pace_now().packs(); }
    void allow_packing() noexcept {
        shared_.allow_packing();
        alone_.allow_packing();
    }
    /// A transaction has been opened, by either side.
    void request_came(time_point now);
    void sent(sent_stanza stanza);
    /// The stanza that this id answers; nothing when it is not outstanding (or has been answered).
    /// `is_busy`: more is waiting to go.
    [[nodiscard]] std::optional<sent_stanza> answered(std::string_view id, bool is_busy,
                                                      time_point now);
    [[nodiscard]] std::size_t outstanding() const noexcept { return outstanding_.size(); }
    /// Bytes of all that is not answered.
    [[nodiscard]] std::uint64_t unanswered() const noexcept { return unacknowledged_; }
    void forget_outstanding();
    /// Removes and returns the stanzas that are lost, but those with a share of which `may_be_late`
    /// says that it may be answered later than others.
    [[nodiscard]] std::vector<sent_stanza> take_lost(const share_test& may_be_late, time_point now);

    /// A stanza of that many bytes of messages came from that JID.
    void heard(std::uint64_t bytes, time_point now);
    /// Something begins after a time in which nothing was expected: waiting counts from here.
    void rest_is_over(time_point now) noexcept;

    /// What is open between us and that JID.
    struct waiting {
        bool for_answer = false;   ///< it has been asked, and owes an answer
        bool for_body = false;     ///< its answer has begun: body bytes may stand in front of a pong
        bool for_request = false;  ///< it has asked us
    };
    enum class verdict { fine, ping, gone };
    /// To be asked from time to time while something is open.
    [[nodiscard]] verdict check(waiting what, time_point now);
    void pinged(std::string id, time_point now);
    /// Whether this id is that of our last ping, whose answer has not come.
    [[nodiscard]] bool is_ping(std::string_view id) const noexcept {
        return !last_ping_.empty() && last_ping_ == id;
    }
    /// The last ping was answered.
    void ponged(time_point now);
    [[nodiscard]] bool is_responsive() const noexcept { return responsive_; }
    /// Whether a JID that was found gone is still to be left alone.
    [[nodiscard]] bool is_set_aside(time_point now) const noexcept {
        return !responsive_ && now - gone_at_ < set_aside;
    }

    std::size_t max_stanza = 0;  ///< the smaller of both sides' limits

  private:
    static constexpr base::milliseconds set_aside{30'000};
    static constexpr base::milliseconds longest_shared{10}, longest_alone{40};

    [[nodiscard]] std::uint64_t allowance(time_point now);
    void overtake(time_point sent_before, time_point now);

    std::vector<sent_stanza> outstanding_;
    std::uint64_t unacknowledged_ = 0;
    [[nodiscard]] const pace& pace_now() const noexcept { return is_shared_ ? shared_ : alone_; }
    void share(bool with_requests, time_point now);

    pace shared_{longest_shared}, alone_{longest_alone};
    bool is_shared_ = true, has_been_alone_ = false;
    time_point last_request_{};
    meter acknowledged_;
    std::uint64_t largest_heard_ = 0;
    base::milliseconds lowest_round_trip_{60'000};
    std::optional<time_point> busy_since_;  ///< when the first payload after a rest went
    time_point last_answer_{};
    time_point last_heard_{};
    bool is_pinged_ = false;  ///< and nothing has been heard since
    std::string last_ping_;
    time_point pinged_at_{};
    bool responsive_ = true;
    time_point gone_at_{};  ///< while not responsive
};

}  // namespace crosstalk::talk
