// How large stanzas are on one path, how many of them are outstanding, and whether they are packed:
// what moves the most bytes of messages, found while running.
//
// The best size lies between 4 KB and 64 KB depending on the server and its settings, and a server in
// front of which few stanzas wait is given fuller ones. So one step up or down is tried now and then:
// it and what is settled take turns for a few short epochs each, and what has moved more stays.
//
// Rule 1: only times count in which nearly always more was waiting than might go: nothing else tells
// what a path can do.
// Rule 2: of two settings that move as much the smaller one is better: less waits in front of others.
// None is made larger so that what is outstanding would take longer than it may, and where that is to
// be expected it is not even tried. Rule 3: what has failed is tried again ever more seldom, and the
// more seldom the longer it took.
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

    /// `longest_queue`: what is outstanding may take that long.
    explicit pace(base::milliseconds longest_queue) noexcept
        : longest_queue_(std::chrono::duration<double>(longest_queue).count()) {}
    /// Begins with what `other` has settled on.
    pace(const pace& other, base::milliseconds longest_queue) noexcept : pace(longest_queue) {
        may_pack_ = other.may_pack_;
        settled_ = tried_ = other.settled_;
    }

    /// What a stanza aims at, bytes at the servers' cost.
    [[nodiscard]] std::size_t size() const noexcept { return tried_.size; }
    /// How many stanzas may be unanswered.
    [[nodiscard]] std::size_t outstanding() const noexcept { return tried_.outstanding; }

    /// Whether messages are packed; never before allow_packing().
    [[nodiscard]] bool packs() const noexcept { return tried_.packed; }
    void allow_packing() noexcept { may_pack_ = true; }

    /// It decides again, after a time in which it did not.
    void resume(time_point now) noexcept;

    /// A stanza of that many bytes before packing, sent at `sent`, has been answered. `is_busy`: more
    /// is waiting.
    void answered(std::size_t bytes, time_point sent, bool is_busy, time_point now);

  private:
    struct setting {
        std::size_t size = first_size;
        std::size_t outstanding = first_outstanding;
        bool packed = false;
        bool operator==(const setting&) const = default;
        /// How long what is outstanding takes, in seconds.
        [[nodiscard]] double delay(double rate) const noexcept {
            return static_cast<double>(size * outstanding) / rate;
        }
    };
    enum class step : std::uint8_t { larger, smaller, packed, loose, more, fewer };
    static constexpr std::size_t step_count = 6;
    struct trial {
        time_point again{};    ///< not before
        unsigned backoff = 1;  ///< doubled by each failure
    };

    /// What epochs of one setting have moved.
    struct yield {
        double bytes = 0, seconds = 0;
        [[nodiscard]] double rate() const noexcept { return seconds > 0 ? bytes / seconds : 0; }
    };

    [[nodiscard]] std::optional<setting> take(setting from, step s) const noexcept;
    [[nodiscard]] static step opposite(step s) noexcept;
    [[nodiscard]] trial& trial_of(step s) noexcept { return trials_[static_cast<std::size_t>(s)]; }
    [[nodiscard]] bool may_fit(const setting& candidate, step s, double rate) const noexcept;
    [[nodiscard]] bool is_complete(time_point now) const noexcept;
    [[nodiscard]] bool is_hopeless(double bytes, double seconds) const noexcept;
    void conclude_epoch(time_point now);
    void choose_trial(double rate, time_point now);
    void judge_trial(time_point now);
    void postpone(step s, time_point now) noexcept;
    void begin_epoch(time_point now) noexcept;

    double longest_queue_;  ///< seconds
    bool may_pack_ = false;
    setting settled_, candidate_, tried_;
    std::optional<step> trying_;
    yield settled_yield_, candidate_yield_;  ///< within the trial
    unsigned turns_ = 0;                     ///< epochs of the trial
    time_point trial_began_{};
    std::array<trial, step_count> trials_;
    std::size_t next_ = 0;  ///< the step to be tried next

    // The epoch: answers to what was sent since it began.
    time_point since_{};
    std::optional<time_point> first_answer_;
    std::uint64_t bytes_ = 0;
    unsigned answers_ = 0;
    unsigned idle_ = 0;  ///< of these, when nothing was waiting
};

}  // namespace crosstalk::talk
