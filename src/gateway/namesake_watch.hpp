// Whether another program is attached under the component's name. Some servers allow that, and hand
// each of the two a part of what is for both, answers included.
//
// So the component writes to itself: echoes, stanzas that nobody answers and that only the server can
// bring back. They come in the order in which they went, or somebody else has got some of them.
//
// Rule 1: nothing follows from silence: a server may not bring back any echo at all.
// Rule 2: only what comes from the component's own name counts; nobody else can say that it does.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::gateway {

class namesake_watch {
  public:
    using time_point = base::time_point;

    /// `id` tells this program's echoes from a namesake's: unguessable.
    namesake_watch(std::string domain, const std::string& id);

    /// What was on its way on an earlier stream is not expected any more.
    void attached(time_point now);
    void detached() noexcept { is_attached_ = false; }

    /// The next echo, if one is due.
    [[nodiscard]] std::optional<xmpp::element> next(time_point now);
    /// Whether the stanza was an echo, anybody's; then it is dealt with.
    bool receive(const xmpp::element& stanza);

    /// Whether somebody has got echoes of ours, or written some, and not enough have come since to
    /// think that it is over.
    [[nodiscard]] bool is_shared() const noexcept { return is_shared_; }

  private:
    void came_back(std::uint64_t number);
    void suspect() noexcept;

    std::string domain_, prefix_;
    std::deque<std::uint64_t> on_their_way_;
    std::uint64_t next_number_ = 0;
    time_point due_{};
    unsigned at_once_ = 0;   ///< that are due without a pause
    unsigned in_order_ = 0;  ///< that came since the last suspicion
    bool is_attached_ = false;
    bool is_shared_ = false;
};

}  // namespace crosstalk::gateway
