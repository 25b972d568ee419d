// How often something may happen to each of many in a span of time.
//
// Rule: no clock: `now` is an argument. What is remembered is bounded: whoever has rested is forgotten.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"

namespace crosstalk::gateway {

class frequency {
  public:
    /// `most` times in `span`.
    frequency(std::size_t most, base::milliseconds span) : most_(most), span_(span) {}

    /// Holds from now on.
    void allow(std::size_t most) noexcept { most_ = most; }
    /// Whether it may happen to `who` once more.
    [[nodiscard]] bool allows(const std::string& who, base::time_point now) const {
        const auto at = times_.find(who);
        if (at == times_.end()) return most_ > 0;
        const auto lately = std::ranges::count_if(at->second, [&](auto then) { return then + span_ > now; });
        return static_cast<std::size_t>(lately) < most_;
    }
    /// It has happened.
    void count(const std::string& who, base::time_point now) {
        if (times_.size() >= forget_at_) forget(now);
        auto& times = times_[who];
        std::erase_if(times, [&](auto then) { return then + span_ <= now; });
        times.push_back(now);
    }
    [[nodiscard]] std::size_t remembered() const noexcept { return times_.size(); }

  private:
    void forget(base::time_point now) {
        std::erase_if(times_, [&](const auto& each) { return each.second.back() + span_ <= now; });
        forget_at_ = std::max(remembered_least, times_.size() * 2);
    }

    static constexpr std::size_t remembered_least = 4096;
    std::size_t most_;
    base::milliseconds span_;
    std::unordered_map<std::string, std::vector<base::time_point>> times_;  ///< none of them empty
    std::size_t forget_at_ = remembered_least;
};

}  // namespace crosstalk::gateway
