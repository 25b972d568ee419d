// See event_queue.hpp.
#include "talk/event_queue.hpp"

#include <algorithm>

namespace crosstalk::talk {

void event_queue::opened(transaction& t) {
    t.is_reported_ = true;
    events_.push_back({&t, true, {}});
}

void event_queue::changed(transaction& t) {
    if (t.is_reported_ || t.is_released_ || (!t.change_.in && !t.change_.room)) return;
    t.is_reported_ = true;
    events_.push_back({&t, false, {}});
}

void event_queue::forget(transaction& t) {
    if (!t.is_reported_) return;
    std::erase_if(events_, [&](const exchange_event& e) { return e.subject == &t; });
    t.is_reported_ = false;
}

std::optional<exchange_event> event_queue::poll() {
    if (events_.empty()) return std::nullopt;
    exchange_event e = events_.front();
    events_.pop_front();
    e.subject->is_reported_ = false;
    e.change = e.subject->take_change();
    return e;
}

void let_go(transaction& t) {
    t.is_released_ = true;
    t.attachment_ = nullptr;
    const bool runs_out =
        t.side() == role::answerer && t.finish_wanted_ && (t.head_sent_ || t.response_out_);
    if (!t.is_over() && !runs_out) t.shut_down(t.side() == role::asker ? "client-gone" : "given-up");
}

}  // namespace crosstalk::talk
