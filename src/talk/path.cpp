// See path.hpp.
#include "talk/path.hpp"

#include <utility>

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds slot_length = 10ms;
constexpr base::milliseconds longest_span = 60s;
constexpr std::uint64_t first_allowance = 16 * 1024;
constexpr std::uint64_t least_allowance = 2 * 1024;
constexpr base::milliseconds least_span = 500ms;
constexpr base::milliseconds alone_after = 500ms;  ///< without a new request
constexpr base::milliseconds answer_expected = 3s;
constexpr base::milliseconds answer_overdue = 5s;     ///< whatever else is heard
constexpr base::milliseconds silence_of_asked = 2s;   ///< the other side has something to answer
constexpr base::milliseconds silence_of_asker = 30s;  ///< it only waits for us
constexpr base::milliseconds pong_expected = 5s;
constexpr base::milliseconds pong_expected_at_most = 30s;
constexpr base::milliseconds round_trip_expected = 2s;  ///< of a ping behind which nothing queues
constexpr std::uint64_t slowest_server =
    3'000;  ///< bytes a second that servers let through, as shipped

}  // namespace

void meter::add(std::uint64_t bytes, time_point now) {
    if (slots_.empty() || now - slots_.back().begin >= slot_length) slots_.push_back({now, 0});
    slots_.back().bytes += bytes;
    total_ += bytes;
}

std::uint64_t meter::sum(base::milliseconds span, time_point now) {
    while (!slots_.empty() && now - slots_.front().begin > span) {
        total_ -= slots_.front().bytes;
        slots_.pop_front();
    }
    return total_;
}

std::uint64_t path::allowance(time_point now) {
    const auto span = std::min(std::max(least_span, 2 * lowest_round_trip_), longest_span);
    const bool known = lowest_round_trip_ < longest_span;
    const std::uint64_t recent = acknowledged_.sum(known ? span : least_span, now);
    const bool settled = busy_since_ && now - *busy_since_ > (known ? span : least_span);
    const auto allowed = std::max(recent, settled ? least_allowance : first_allowance);
    return max_stanza == 0 ? allowed : std::min<std::uint64_t>(allowed, max_stanza);
}

bool path::may_send(time_point now) {
    if (is_shared_ && now - last_request_ > alone_after) share(false, now);
    if (outstanding_.empty()) return true;
    return outstanding_.size() < pace_now().outstanding() && unacknowledged_ < allowance(now);
}

std::size_t path::room(time_point now) {
    const std::uint64_t allowed = allowance(now);
    const std::uint64_t left = allowed > unacknowledged_ ? allowed - unacknowledged_ : 0;
    return static_cast<std::size_t>(
        std::clamp<std::uint64_t>(left, least_allowance, pace_now().size()));
}

void path::request_came(time_point now) {
    last_request_ = now;
    if (!is_shared_) share(true, now);
}

void path::share(bool with_requests, time_point now) {
    is_shared_ = with_requests;
    if (!is_shared_ && !std::exchange(has_been_alone_, true)) alone_ = pace(shared_, longest_alone);
    (is_shared_ ? shared_ : alone_).resume(now);
}

void path::sent(sent_stanza stanza) {
    if (outstanding_.empty() && (!busy_since_ || stanza.at - last_answer_ > least_span))
        busy_since_ = stanza.at;
    unacknowledged_ += stanza.bytes;
    outstanding_.push_back(std::move(stanza));
}

std::optional<path::sent_stanza> path::answered(std::string_view id, bool is_busy, time_point now) {
    const auto at = std::find_if(outstanding_.begin(), outstanding_.end(),
                                 [&](const auto& s) { return s.id == id; });
    if (at == outstanding_.end()) return std::nullopt;
    sent_stanza stanza = std::move(*at);
    outstanding_.erase(at);
    unacknowledged_ -= stanza.bytes;
    acknowledged_.add(stanza.bytes, now);
    overtake(stanza.at, now);
    last_answer_ = now;
    (is_shared_ ? shared_ : alone_).answered(stanza.bytes, stanza.at, is_busy, now);
    const auto round_trip = std::chrono::duration_cast<base::milliseconds>(now - stanza.at) + 1ms;
    lowest_round_trip_ = std::min(lowest_round_trip_, round_trip);
    return stanza;
}

void path::forget_outstanding() {
    outstanding_.clear();
    unacknowledged_ = 0;
}

void path::heard(std::uint64_t bytes, time_point now) {
    last_heard_ = now;
    is_pinged_ = false;
    responsive_ = true;
    largest_heard_ = std::max(largest_heard_, bytes);
}

void path::rest_is_over(time_point now) noexcept {
    last_heard_ = std::max(last_heard_, now);
    for (sent_stanza& each : outstanding_)
        if (each.overtaken) each.overtaken = now;
}

path::verdict path::check(waiting what, time_point now) {
    const auto silence = now - last_heard_;
    if (is_pinged_) {
        // A pong may queue behind one stanza with body bytes, at the rate of the slowest server.
        base::milliseconds patience = pong_expected;
        const base::milliseconds queued(largest_heard_ * 1000 / slowest_server);
        if (what.for_body) patience = std::max(patience, round_trip_expected + queued);
        if (now - std::max(pinged_at_, last_heard_) < std::min(patience, pong_expected_at_most))
            return verdict::fine;
        responsive_ = false;
        gone_at_ = now;
        is_pinged_ = false;
        return verdict::gone;
    }
    if (!responsive_) return verdict::fine;
    const auto waited = outstanding_.empty() ? 0ns : now - outstanding_.front().at;
    const bool is_late = (waited >= answer_expected && silence >= answer_expected) ||
                         (waited >= answer_overdue && now - pinged_at_ >= answer_overdue);
    const bool is_silent = (what.for_answer && silence >= silence_of_asked) ||
                           (what.for_request && silence >= silence_of_asker);
    return is_late || is_silent ? verdict::ping : verdict::fine;
}

void path::pinged(std::string id, time_point now) {
    is_pinged_ = true;
    last_ping_ = std::move(id);
    pinged_at_ = now;
}

void path::ponged(time_point now) {
    last_ping_.clear();
    overtake(pinged_at_, now);
}

void path::overtake(time_point sent_before, time_point now) {
    for (sent_stanza& each : outstanding_)
        if (each.at < sent_before && !each.overtaken) each.overtaken = now;
}

std::vector<path::sent_stanza> path::take_lost(const share_test& may_be_late, time_point now) {
    // Its answer may queue behind one stanza with body bytes, as a pong may.
    const base::milliseconds queued(largest_heard_ * 1000 / slowest_server);
    const auto patience = std::clamp(queued, round_trip_expected, pong_expected_at_most);
    std::vector<sent_stanza> lost;
    std::erase_if(outstanding_, [&](sent_stanza& each) {
        if (!each.overtaken || now - *each.overtaken < patience) return false;
        if (std::any_of(each.shares.begin(), each.shares.end(), may_be_late)) return false;
        unacknowledged_ -= each.bytes;
        lost.push_back(std::move(each));
        return true;
    });
    return lost;
}

}  // namespace crosstalk::talk
