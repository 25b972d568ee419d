// How many requests each of many may have open at once, and how many may come of each in a second.
//
// Rule 1: no clock: `now` is an argument.
// Rule 2: what is remembered is bounded by what is open: whoever has nothing open is forgotten as soon
//         as that makes no difference, and at the latest when there are too many of them.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/clock.hpp"

namespace crosstalk::gateway {

struct allowance_limits {
    std::size_t open = 1;  ///< at once
    std::size_t rate = 0;  ///< a second, and those of ten seconds in one go; 0: no limit
};

class allowance {
  public:
    explicit allowance(allowance_limits limits) : limits_(limits) {}
    allowance(const allowance&) = delete;
    allowance& operator=(const allowance&) = delete;

    /// One that is open, until this is destroyed. The allowance must outlive it.
    class place {
      public:
        place() = default;
        place(place&& other) noexcept
            : of_(std::exchange(other.of_, nullptr)), who_(std::move(other.who_)) {}
        place& operator=(place&& other) noexcept {
            std::swap(of_, other.of_);
            std::swap(who_, other.who_);
            return *this;
        }
        ~place() {
            if (of_ != nullptr) of_->leave(who_);
        }
        [[nodiscard]] explicit operator bool() const noexcept { return of_ != nullptr; }

      private:
        friend allowance;
        place(allowance* of, std::string who) : of_(of), who_(std::move(who)) {}
        allowance* of_ = nullptr;
        std::string who_;
    };

    /// Holds for what is taken from now on.
    void configure(allowance_limits limits) noexcept { limits_ = limits; }
    /// Takes one for `who`; an empty place when that would be too many.
    [[nodiscard]] place take(const std::string& who, base::time_point now) { return take(who, now, limits_); }
    /// The same, where this one has limits of its own.
    [[nodiscard]] place take(const std::string& who, base::time_point now, allowance_limits limits);
    /// Whether that would not be too many.
    [[nodiscard]] bool has_room(const std::string& who, base::time_point now, allowance_limits limits) const;
    [[nodiscard]] std::size_t open(const std::string& who) const;
    [[nodiscard]] std::size_t remembered() const noexcept { return clients_.size(); }

  private:
    struct client {
        std::size_t open = 0;
        base::time_point rested;  ///< when the whole of the rate is there again; the epoch: there is none
    };
    void leave(const std::string& who);
    void forget_some(base::time_point now);

    allowance_limits limits_;
    std::unordered_map<std::string, client> clients_;
    static constexpr std::size_t remembered_least = 4096;
    std::size_t forget_at_ = remembered_least;
};

}  // namespace crosstalk::gateway
