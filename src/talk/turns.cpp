// See turns.hpp.
#include "talk/turns.hpp"

namespace crosstalk::talk {
namespace {

constexpr unsigned most_urgent_in_a_row = 16;

}  // namespace

void turns::enqueue(transaction& t) {
    if (t.is_queued_ || !t.has_output(transaction::carrier::set, true)) return;
    t.is_queued_ = true;
    const bool is_urgent =
        t.request_out_ || t.response_out_ || t.has_output(transaction::carrier::set, false);
    (is_urgent ? urgent_ : bodies_).push_back(&t);
}

transaction* turns::next(bool with_bodies) {
    const bool is_bodies_turn = with_bodies && !bodies_.empty() &&
                                (urgent_.empty() || urgent_in_a_row_ >= most_urgent_in_a_row);
    auto& queue = is_bodies_turn ? bodies_ : urgent_;
    urgent_in_a_row_ = is_bodies_turn ? 0 : urgent_in_a_row_ + 1;
    if (queue.empty()) return nullptr;
    transaction* t = queue.front();
    queue.pop_front();
    t->is_queued_ = false;
    return t;
}

void turns::forget(transaction& t) {
    if (!t.is_queued_) return;
    std::erase(urgent_, &t);
    std::erase(bodies_, &t);
    t.is_queued_ = false;
}

}  // namespace crosstalk::talk
