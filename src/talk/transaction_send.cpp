// How a transaction puts what it has to say into messages; see crosstalk/transaction.hpp.
#include <algorithm>

#include "crosstalk/transaction.hpp"
#include "talk/direct_frame.hpp"
#include "talk/encoder.hpp"

namespace crosstalk::talk {
namespace {

// What of a body goes into the stanza beside a head of that cost; nothing when it should wait for the
// next one.
std::optional<fit> fit_into(std::string_view body, const transaction::allotment& space,
                            std::size_t head) {
    const std::size_t left = space.left > head ? space.left - head : 0;
    const fit here = fit_body(body, left);
    if (here.bytes == body.size()) return here;
    const bool may_wait = space.left < space.whole && head + body.size() <= space.whole;
    if (may_wait && fit_body(body, space.whole - head).bytes == body.size()) return std::nullopt;
    return space.is_shared ? fit_body(body, left / 2) : here;
}

}  // namespace

transaction::appended transaction::append_next(std::string& out, const allotment& space, carrier by,
                                               bool with_payload) {
    if (!has_output(by, with_payload)) return {};
    const std::size_t begin = out.size();
    object_writer w(out);
    message m;
    m.batch = batch_;
    if (shutdown_due_) return append_shutdown(w, m);
    const bool with_head = with_payload && (request_out_ || response_out_);
    if (with_head) {
        m.request.swap(request_out_);
        m.response.swap(response_out_);
    }
    if (wants_window() || m.request) m.window = consumed_ + settings_.buffer;
    write_head(w, m);
    std::optional<fit> body = fit{};
    if (with_payload && (head_sent_ || with_head))
        body = fit_into(waiting(by), space, w.cost() + object_writer::body_overhead);
    if (!body || w.cost() + object_writer::body_overhead > space.left) {
        out.resize(begin);
        request_out_.swap(m.request);
        response_out_.swap(m.response);
        return {appending::does_not_fit, 0, 0};
    }
    note_head(m, with_head);
    append_body(w, m, *body);
    append_finish(m, body->bytes);
    if (with_head && m.offset == 0U && m.signal == signal_kind::none) m.offset.reset();
    write_tail(w, m);
    settle();
    return {appending::message, w.cost(), body->bytes};
}

transaction::appended transaction::append_framed(std::string& out, std::size_t most_json,
                                                 std::size_t most_body) {
    if (!has_output(carrier::set, true)) return {};
    direct_frame_writer frame(out);
    object_writer w(out, surroundings::nothing);
    message m;
    m.batch = batch_;
    if (shutdown_due_) {
        const auto done = append_shutdown(w, m);
        frame.end_json();
        return done;
    }
    m.request.swap(request_out_);
    m.response.swap(response_out_);
    const bool with_head = m.request || m.response;
    if (wants_window() || m.request) m.window = consumed_ + settings_.buffer;
    write_head(w, m);
    if (frame.json_size() + object_writer::body_overhead > most_json) {
        frame.discard();
        request_out_.swap(m.request);
        response_out_.swap(m.response);
        return {appending::does_not_fit, 0, 0};
    }
    note_head(m, with_head);
    const auto body = static_cast<std::size_t>(
        head_sent_ ? std::min<std::uint64_t>(sendable(carrier::set), most_body) : 0);
    const std::string_view bytes(out_.data() + out_sent_, body);
    if (body > 0) m.offset = sent_;
    out_sent_ += body;
    sent_ += body;
    append_finish(m, body);
    if (with_head && m.offset == 0U && m.signal == signal_kind::none) m.offset.reset();
    write_tail(w, m);
    frame.end_json();
    out += bytes;
    if (body > 0) note_sent();
    settle();
    return {appending::message, frame.size(), body};
}

transaction::appended transaction::append_shutdown(object_writer& w, message& m) {
    m.signal = signal_kind::shutdown_microprocess;
    m.reason = shutdown_reason_;
    write_head(w, m);
    write_tail(w, m);
    shutdown_due_ = false;
    return {appending::message, w.cost(), 0};
}

void transaction::append_body(object_writer& w, message& m, const fit& how) {
    if (how.bytes == 0) return;
    m.offset = sent_;
    w.body(std::string_view(out_).substr(out_sent_, how.bytes), how);
    out_sent_ += how.bytes;
    sent_ += how.bytes;
    note_sent();
}

void transaction::append_finish(message& m, std::uint64_t body) {
    if (!finish_wanted_ || finish_sent_ || !head_sent_ || out_sent_ != out_.size()) return;
    m.offset = sent_ - body;
    m.signal = signal_kind::producer_finished;
    finish_sent_ = true;
}

}  // namespace crosstalk::talk
