// See pace.hpp.
#include "talk/pace.hpp"

#include <algorithm>

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds least_epoch = 8ms;
constexpr unsigned least_answers = 8;
constexpr double worth_more = 1.04;  ///< what a step up must bring
constexpr double worth_less = 1.00;  ///< what a step down must keep
constexpr double hopeless = 0.3;     ///< of the settled rate: a trial ends early
constexpr double memory = 0.5;       ///< weight of the past in the settled rate
constexpr unsigned longest_backoff = 64;

}  // namespace

std::optional<pace::setting> pace::take(setting from, step s) noexcept {
    switch (s) {
        case step::larger:
            from.size *= 2;
            break;
        case step::smaller:
            from.size /= 2;
            break;
        case step::more:
            from.outstanding *= 2;
            break;
        case step::fewer:
            from.outstanding /= 2;
            break;
    }
    const bool is_possible = from.size >= least_size && from.size <= most_size &&
                             from.outstanding >= least_outstanding &&
                             from.outstanding <= most_outstanding;
    return is_possible ? std::optional(from) : std::nullopt;
}

void pace::answered(std::size_t bytes, time_point sent, bool is_busy, time_point now) {
    if (!is_busy) {
        // A trial that the end of the work has interrupted has shown nothing.
        trying_.reset();
        begin_epoch(settled_, now);
        return;
    }
    if (sent < since_) return;
    if (!first_answer_) {
        first_answer_ = now;
        return;
    }
    bytes_ += bytes;
    ++answers_;
    if (!is_complete(now)) return;
    const double seconds = std::chrono::duration<double>(now - *first_answer_).count();
    judge(static_cast<double>(bytes_) / seconds);
    begin_epoch(tried_, now);
}

bool pace::is_complete(time_point now) const noexcept {
    const auto elapsed = now - *first_answer_;
    if (elapsed < least_epoch) return false;
    if (answers_ >= std::max<std::size_t>(least_answers, 2 * tried_.outstanding)) return true;
    const double seconds = std::chrono::duration<double>(elapsed).count();
    return trying_ && elapsed > 4 * least_epoch &&
           static_cast<double>(bytes_) < hopeless * settled_rate_ * seconds;
}

void pace::judge(double rate) {
    if (!trying_) {
        settled_rate_ = settled_rate_ == 0 ? rate : memory * settled_rate_ + (1 - memory) * rate;
        return begin_trial();
    }
    const bool is_upward = *trying_ == step::larger || *trying_ == step::more;
    trial& t = trials_[static_cast<std::size_t>(*trying_)];
    if (rate >= settled_rate_ * (is_upward ? worth_more : worth_less)) {
        settled_ = tried_;
        settled_rate_ = rate;
        t = {};
        --turn_;  // what has helped may help again
    } else {
        t.pause = t.backoff;
        t.backoff = std::min(2 * t.backoff, longest_backoff);
    }
    trying_.reset();
    tried_ = settled_;
}

void pace::begin_trial() {
    for (trial& t : trials_)
        if (t.pause > 0) --t.pause;
    for (std::size_t i = 0; i < step_count; ++i) {
        const std::size_t at = turn_++ % step_count;
        const auto s = static_cast<step>(at);
        const auto next = take(settled_, s);
        if (!next || trials_[at].pause > 0) continue;
        trying_ = s;
        tried_ = *next;
        return;
    }
}

void pace::begin_epoch(setting what, time_point now) {
    tried_ = what;
    since_ = now;
    first_answer_.reset();
    bytes_ = 0;
    answers_ = 0;
}

}  // namespace crosstalk::talk
