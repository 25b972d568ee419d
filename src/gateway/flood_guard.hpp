// Those who ask the gateway's services more than a person or a program that means well.
//
// Rule 1: no clock: `now` is an argument.
// Rule 2: each bare JID is measured by itself, and their number is bounded (allowance.hpp).
// Rule 3: who is too fast is told, some times in one go and then once a second; the rest is dropped.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "gateway/allowance.hpp"

namespace crosstalk::gateway {

class flood_guard {
  public:
    enum class verdict { answer, refuse, drop };
    /// A second, and those of ten seconds in one go.
    static constexpr std::size_t rate = 20;

    /// What to do with one question of the bare JID `who`.
    [[nodiscard]] verdict judge(const std::string& who, base::time_point now) {
        if (asked_.take(who, now)) return verdict::answer;
        ++refused_;
        return told_.take(who, now) ? verdict::refuse : verdict::drop;
    }
    /// Refused and dropped so far.
    [[nodiscard]] std::uint64_t refused() const noexcept { return refused_; }

  private:
    static constexpr auto any = std::numeric_limits<std::size_t>::max();

    allowance asked_{{any, rate}};
    allowance told_{{any, 1}};
    std::uint64_t refused_ = 0;
};

}  // namespace crosstalk::gateway
