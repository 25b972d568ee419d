// See pace.hpp.
#include "talk/pace.hpp"

#include <algorithm>

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds least_epoch = 10ms;
constexpr unsigned least_answers = 8;
constexpr unsigned turns_of_trial = 8;  ///< half of them are the candidate's
constexpr unsigned rest_after = 4;      ///< times as long as a trial took, at least
constexpr double worth_more = 1.05;     ///< what a step up must bring
constexpr double worth_less = 1.00;     ///< what a step down must keep
constexpr double worth_haste = 0.85;    ///< the same while what is outstanding takes too long
constexpr double hoped_gain = 1.5;      ///< a step up is tried where that would make it fit
constexpr double hopeless = 0.5;        ///< of the settled rate: a trial ends early
constexpr unsigned longest_backoff = 64;

}  // namespace

std::optional<pace::setting> pace::take(setting from, step s) const noexcept {
    const bool was_packed = from.packed;
    switch (s) {
        case step::larger:
            from.size *= 2;
            break;
        case step::smaller:
            from.size /= 2;
            break;
        case step::packed:
            from.packed = may_pack_;
            break;
        case step::loose:
            from.packed = false;
            break;
        case step::more:
            from.outstanding *= 2;
            break;
        case step::fewer:
            from.outstanding /= 2;
            break;
    }
    const bool is_about_packing = s == step::packed || s == step::loose;
    if (is_about_packing && from.packed == was_packed) return std::nullopt;
    const bool is_possible = from.size >= least_size && from.size <= most_size &&
                             from.outstanding >= least_outstanding &&
                             from.outstanding <= most_outstanding;
    return is_possible ? std::optional(from) : std::nullopt;
}

pace::step pace::opposite(step s) noexcept {
    switch (s) {
        case step::larger:
            return step::smaller;
        case step::smaller:
            return step::larger;
        case step::packed:
            return step::loose;
        case step::loose:
            return step::packed;
        case step::more:
            return step::fewer;
        case step::fewer:
            break;
    }
    return step::more;
}

void pace::answered(std::size_t bytes, time_point sent, bool is_busy, time_point now) {
    if (!is_busy && ++idle_ > 2 + answers_ / 4) {
        // A trial that the end of the work has interrupted has shown nothing.
        return resume(now);
    }
    if (sent < since_) return;
    if (!first_answer_) {
        first_answer_ = now;
        return;
    }
    bytes_ += bytes;
    ++answers_;
    if (!is_complete(now)) return;
    conclude_epoch(now);
    begin_epoch(now);
}

bool pace::is_complete(time_point now) const noexcept {
    const auto elapsed = now - *first_answer_;
    if (elapsed < least_epoch) return false;
    if (answers_ >= std::max<std::size_t>(least_answers, 2 * tried_.outstanding)) return true;
    return is_hopeless(static_cast<double>(bytes_), std::chrono::duration<double>(elapsed).count());
}

bool pace::is_hopeless(double bytes, double seconds) const noexcept {
    return trying_ && tried_ == candidate_ && bytes < hopeless * settled_yield_.rate() * seconds;
}

void pace::conclude_epoch(time_point now) {
    const auto bytes = static_cast<double>(bytes_);
    const double seconds = std::chrono::duration<double>(now - *first_answer_).count();
    if (!trying_) return choose_trial(bytes / seconds, now);
    const bool was_candidate = tried_ == candidate_;
    yield& of = was_candidate ? candidate_yield_ : settled_yield_;
    of.bytes += bytes;
    of.seconds += seconds;
    if (++turns_ == turns_of_trial || is_hopeless(of.bytes, of.seconds)) return judge_trial(now);
    // In the order A B B A, so that whatever drifts meanwhile does so for both.
    tried_ = turns_ % 4 == 1 || turns_ % 4 == 2 ? candidate_ : settled_;
}

bool pace::may_fit(const setting& candidate, step s, double rate) const noexcept {
    const bool adds_delay = s == step::larger || s == step::more;
    return !adds_delay || candidate.delay(rate * hoped_gain) <= longest_queue_;
}

void pace::choose_trial(double rate, time_point now) {
    for (std::size_t i = 0; i < step_count; ++i, next_ = (next_ + 1) % step_count) {
        const auto s = static_cast<step>(next_);
        const auto candidate = take(settled_, s);
        if (!candidate || now < trial_of(s).again || !may_fit(*candidate, s, rate)) continue;
        trying_ = s;
        candidate_ = *candidate;
        settled_yield_ = candidate_yield_ = {};
        turns_ = 0;
        trial_began_ = now;
        return;
    }
}

void pace::judge_trial(time_point now) {
    const step s = *trying_;
    const bool adds_delay = s == step::larger || s == step::more;
    const bool is_upward = adds_delay || s == step::packed;
    const bool is_slow = settled_.delay(settled_yield_.rate()) > longest_queue_;
    const double worth = is_upward ? worth_more : is_slow ? worth_haste : worth_less;
    const bool is_too_long = adds_delay && candidate_.delay(candidate_yield_.rate()) > longest_queue_;
    if (!is_too_long && candidate_yield_.rate() >= settled_yield_.rate() * worth) {
        settled_ = candidate_;
        trial_of(s) = {};
        postpone(opposite(s), now);
    } else {
        postpone(s, now);
        next_ = (next_ + 1) % step_count;
    }
    trying_.reset();
    tried_ = settled_;
}

void pace::postpone(step s, time_point now) noexcept {
    trial& t = trial_of(s);
    t.again = now + rest_after * t.backoff * (now - trial_began_);
    t.backoff = std::min(2 * t.backoff, longest_backoff);
}

void pace::resume(time_point now) noexcept {
    trying_.reset();
    tried_ = settled_;
    begin_epoch(now);
}

void pace::begin_epoch(time_point now) noexcept {
    since_ = now;
    first_answer_.reset();
    bytes_ = 0;
    answers_ = idle_ = 0;
}

}  // namespace crosstalk::talk
