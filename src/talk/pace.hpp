// How large stanzas are and how many of them are outstanding on one path: what moves the most bytes,
// found while running.
//
// The best size lies between 4 KB and 64 KB depending on the server and its settings, and a server in
// front of which few stanzas wait is given fuller ones. So one step up or down is tried for a short
// while now and then, and kept when it moves more.
//
// Rule 1: only times count in which more was waiting than might go: nothing else tells what a path
// can do.
// Rule 2: of two settings that move as much the smaller one is better: less waits in front of others.
// Rule 3: what has failed is tried again ever more seldom.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace crosstalk::talk {

class pace {
  public:
    using time_point = base::time_point;
    static constexpr std::size_t least_size = 2 * 1024, first_size = 4 * 1024, most_size = 128 * 1024;
    static constexpr std::size_t least_outstanding = 2, first_outstanding = 4, most_outstanding = 16;

    /// What a stanza aims at, bytes at the servers' cost.
    [[nodiscard]] std::size_t size() const noexcept { return tried_.size; }
    /// How many stanzas may be unanswered.
    [[nodiscard]] std::size_t outstanding() const noexcept { return tried_.outstanding; }

    /// A stanza of that many bytes, sent at `sent`, has been answered. `is_busy`: more is waiting.
    void answered(std::size_t bytes, time_point sent, bool is_busy, time_point now);

  private:
    struct setting {
        std::size_t size = first_size;
        std::size_t outstanding = first_outstanding;
        bool operator==(const setting&) const = default;
    };
    enum class step : std::uint8_t { larger, smaller, more, fewer };
    static constexpr std::size_t step_count = 4;
    struct trial {
        unsigned pause = 0;    ///< epochs until this step is tried again
        unsigned backoff = 1;  ///< what the next failure sets `pause` to
    };

    [[nodiscard]] static std::optional<setting> take(setting from, step s) noexcept;
    [[nodiscard]] bool is_complete(time_point now) const noexcept;
    void judge(double rate);
    void begin_trial();
    void begin_epoch(setting what, time_point now);

    setting settled_, tried_;
    std::optional<step> trying_;
    double settled_rate_ = 0;  ///< bytes per second
    std::array<trial, step_count> trials_;
    std::size_t turn_ = 0;

    // The epoch: answers to what was sent since it began.
    time_point since_{};
    std::optional<time_point> first_answer_;
    std::uint64_t bytes_ = 0;
    unsigned answers_ = 0;
};

}  // namespace crosstalk::talk
