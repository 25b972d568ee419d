// See direct_exchange.hpp.
#include "talk/direct_exchange.hpp"

#include <algorithm>

#include "talk/direct_frame.hpp"
#include "talk/encoder.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_json = 512 * 1024;
constexpr std::size_t most_body = 32 * 1024;
constexpr std::size_t most_refusals = 256;
constexpr base::milliseconds lingering_at_most = 120s;

}  // namespace

direct_exchange::direct_exchange(direct_settings settings) : settings_(std::move(settings)) {}

// The owner's side

transaction& direct_exchange::open(std::string batch, cgi::environ_map request, bool body_follows,
                                   time_point now) {
    auto owned = std::make_unique<transaction>(role::asker, settings_.remote, batch,
                                               settings_.transactions, now);
    transaction& t = *owned;
    t.request_out_ = std::move(request);
    t.finish_wanted_ = !body_follows;
    open_.emplace(std::move(batch), std::move(owned));
    if (ended_) t.end(ended_->kind, ended_->reason);
    touch(t);
    return t;
}

void direct_exchange::touch(transaction& t) {
    turns_.enqueue(t);
    events_.changed(t);
}

void direct_exchange::release(transaction& t) {
    let_go(t);
    if (ended_) t.shutdown_due_ = false;
    turns_.enqueue(t);
    drop_if_done(t);
}

void direct_exchange::drop_if_done(transaction& t) {
    if (!t.is_released_ || !t.is_over() || t.shutdown_due_) return;
    turns_.forget(t);
    events_.forget(t);
    if (t.side() == role::answerer) --incoming_;
    const auto at = open_.find(t.batch());
    open_.erase(at);
}

// Receiving

transaction* direct_exchange::find(const std::string& batch) const {
    const auto at = open_.find(batch);
    return at == open_.end() ? nullptr : at->second.get();
}

result<void> direct_exchange::receive(std::string_view payload, time_point now, std::size_t behind) {
    const auto frame = open_direct_frame(payload);
    if (!frame) {
        ++counters_.malformed;
        return errc::malformed_json;
    }
    auto read = decoder_.decode_one(frame->json, frame->body.size() + behind);
    if (!read) {
        ++counters_.malformed;
        return read.error();
    }
    if (auto* broken = std::get_if<broken_message>(&*read)) {
        ++counters_.broken_message;
        if (transaction* t = find(broken->batch))
            break_off(*t, std::move(broken->why));
        else if (!broken->batch.empty())
            refuse(std::move(broken->batch), "protocol");
        return {};
    }
    message& m = std::get<message>(*read);
    if (m.request)
        take_request(std::move(m), frame->body, now);
    else
        take_message(std::move(m), frame->body, now);
    return {};
}

void direct_exchange::take_message(message&& m, std::string_view body, time_point now) {
    transaction* t = find(m.batch);
    if (t == nullptr) {
        ++counters_.unknown_batch;
        if (m.signal != signal_kind::shutdown_microprocess) refuse(std::move(m.batch), "unknown");
        return;
    }
    if (m.data) return break_off(*t, "data inside the JSON of a direct stream");
    t->receive(std::move(m), body.empty() ? std::nullopt : std::optional(body), now);
    touch(*t);
    drop_if_done(*t);
}

void direct_exchange::take_request(message&& m, std::string_view body, time_point now) {
    if (transaction* known = find(m.batch)) {
        break_off(*known, "a second request object");
        return;
    }
    const bool is_busy = incoming_ >= settings_.max_open;
    if (!settings_.accepts_requests || !m.require.empty() || m.data || is_busy) {
        ++counters_.refused;
        return refuse(std::move(m.batch), is_busy ? "busy" : m.data ? "protocol" : "unsupported");
    }
    auto owned = std::make_unique<transaction>(role::answerer, settings_.remote, m.batch,
                                               settings_.transactions, now);
    transaction& t = *owned;
    open_.emplace(m.batch, std::move(owned));
    ++incoming_;
    t.receive(std::move(m), body.empty() ? std::nullopt : std::optional(body), now);
    if (t.is_over()) {
        t.is_released_ = true;  // broken by its own first message: told so, and offered to nobody
    } else {
        events_.opened(t);
    }
    turns_.enqueue(t);
    drop_if_done(t);
}

void direct_exchange::break_off(transaction& t, std::string why) {
    if (!t.is_over()) t.violate("protocol", std::move(why));
    touch(t);
    drop_if_done(t);
}

void direct_exchange::refuse(std::string batch, std::string_view reason) {
    if (refusals_.size() < most_refusals) refusals_.emplace_back(std::move(batch), reason);
}

// Sending

bool direct_exchange::next_message(std::string& out, time_point now) {
    if (ended_) return false;
    if (!refusals_.empty()) {
        append_refusal(out);
        return true;
    }
    while (transaction* t = turns_.next()) {
        const bool had_head = t->head_sent_;
        auto added = t->append_framed(out, most_json, most_body);
        if (added.what == transaction::appending::does_not_fit) {
            t->give_up_too_large();
            added = t->append_framed(out, most_json, most_body);
        }
        // On its way is as good as accepted: nothing on a stream can be refused unseen.
        if (!had_head && t->head_sent_ && t->side() == role::asker && !t->finish_sent_)
            t->acknowledge(0, now);
        touch(*t);
        drop_if_done(*t);
        if (added.what == transaction::appending::message) return true;
    }
    return false;
}

void direct_exchange::append_refusal(std::string& out) {
    message m;
    m.batch = std::move(refusals_.back().first);
    m.reason = std::move(refusals_.back().second);
    m.signal = signal_kind::shutdown_microprocess;
    refusals_.pop_back();
    direct_frame_writer frame(out);
    object_writer w(out, surroundings::nothing);
    write_head(w, m);
    write_tail(w, m);
    frame.end_json();
}

// Ends

std::vector<transaction*> direct_exchange::everything() const {
    std::vector<transaction*> all;
    all.reserve(open_.size());
    for (const auto& [batch, t] : open_) all.push_back(t.get());
    return all;
}

void direct_exchange::end(end_kind kind, const std::string& reason) {
    if (ended_) return;
    ended_ = outcome{kind, reason};
    refusals_.clear();
    for (transaction* t : everything()) {
        t->shutdown_due_ = false;
        t->end(kind, reason);
        events_.changed(*t);
        drop_if_done(*t);
    }
}

void direct_exchange::expire(time_point now) {
    for (transaction* t : everything()) {
        if (!t->is_released_ || now - t->last_progress() <= lingering_at_most) continue;
        t->shut_down("timeout");
        turns_.enqueue(*t);
        drop_if_done(*t);
    }
}

}  // namespace crosstalk::talk
