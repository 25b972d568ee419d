// The sending side of the exchange of chat messages: which stanza goes next.
#include "talk/chat_route.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

/// Bytes of a body in one message: whatever they are, its stanza stays far below what servers take.
constexpr std::size_t most_body = 4096;
constexpr base::milliseconds pong_expected = 2s;
constexpr base::milliseconds pause_for_mute = 250ms;

}  // namespace

void chat_exchange::enqueue(route& r, transaction& t) {
    r.waiting.enqueue(t);
    if (!r.waiting.empty()) activate(r);
}

void chat_exchange::activate(route& r) {
    if (r.is_active) return;
    r.is_active = true;
    active_.push_back(&r);
}

bool chat_exchange::next_stanza(std::string& out, time_point now) {
    if (!online_) return false;
    if (!notices_.empty()) {
        out += notices_.front();
        notices_.pop_front();
        return true;
    }
    while (!active_.empty()) {
        route& r = *active_.front();
        active_.pop_front();
        r.is_active = false;
        const bool sent = append_mark(r, out, now) || append_turn(r, out, now);
        if (!sent) continue;
        activate(r);
        return true;
    }
    return false;
}

/// Follows what the path takes at a time, as long as more is waiting.
bool chat_exchange::append_mark(route& r, std::string& out, time_point now) {
    if (r.unmarked < r.way.aim() || r.waiting.empty()) return false;
    std::string id = next_id();
    auto ping = xmpp::make_iq(xmpp::iq_type::get, id, r.jid, settings_.from);
    ping.add(xmpp::element("ping", std::string(xmpp::ns::ping)));
    ping.write(out, xmpp::ns::client);
    r.way.sent({id, std::exchange(r.unmarked, 0), now, {}});
    r.marks.push_back({std::move(id), now});
    wake_by(now + pause_for_mute);
    return true;
}

/// A ping without an answer counts as answered after a while: clients of that age may know none.
void chat_exchange::pass_marks(route& r, time_point now) {
    const auto patience = r.is_mute ? pause_for_mute : pong_expected;
    while (!r.marks.empty() && now - r.marks.front().sent >= patience) {
        (void)r.way.answered(r.marks.front().id, !r.waiting.empty(), now);
        r.marks.pop_front();
        r.is_mute = true;
        activate(r);
    }
}

bool chat_exchange::append_turn(route& r, std::string& out, time_point now) {
    const bool with_bodies = r.may_send(now);
    while (transaction* t = r.waiting.next(with_bodies)) {
        const std::size_t before = out.size();
        const bool sent = append_piece(r, *t, out, now);
        r.unmarked += out.size() - before;
        if (sent) {
            settle(r, *t);
            return true;
        }
        events_.changed(*t);  // it has nothing to say until it is touched
        drop_if_done(*t);
    }
    return false;
}

bool chat_exchange::append_piece(route& r, transaction& t, std::string& out, time_point now) {
    chat_piece how;
    auto m = take_output(t, how);
    if (!m) return false;
    const bool is_head = m->request || m->response;
    const std::string id = next_id() + '-' + t.batch();
    const std::string thread = t.batch();
    bool sent = writer_.append(out, head_for(r, id, thread), *m, how);
    if (!sent) {
        t.give_up_too_large();
        m = take_output(t, how);
        sent = m && writer_.append(out, head_for(r, id, thread), *m, how);
        return sent;
    }
    t.last_progress_ = t.side() == role::answerer ? now : t.last_progress_;
    if (is_head && t.side() == role::asker) t.acknowledge(0, now);
    t.settle();
    return true;
}

/// The next message: a head, the response's with the body's beginning, or a piece of the body, or a
/// signal.
std::optional<message> chat_exchange::take_output(transaction& t, chat_piece& how) const {
    message m;
    m.batch = t.batch();
    if (std::exchange(t.shutdown_due_, false)) {
        m.signal = signal_kind::shutdown_microprocess;
        return m;
    }
    if (t.is_over()) return std::nullopt;
    if (t.request_out_ || t.response_out_) {
        m.request.swap(t.request_out_);
        m.response.swap(t.response_out_);
        t.head_sent_ = true;
        if (m.request) return m;
    }
    if (!t.head_sent_) return std::nullopt;
    const std::string_view body = std::string_view(t.out_).substr(t.out_sent_);
    how = cut_chat_piece(body, most_body, t.finish_wanted_);
    if (how.bytes > 0) {
        m.data = body.substr(0, how.bytes);
        t.out_sent_ += how.bytes;
        t.sent_ += how.bytes;
        t.note_sent();
        return m;
    }
    if (m.response) return m;
    if (!t.finish_wanted_ || t.finish_sent_ || !body.empty()) return std::nullopt;
    t.finish_sent_ = true;
    m.signal = signal_kind::producer_finished;
    return m;
}

chat_head chat_exchange::head_for(const route& r, const std::string& id,
                                  std::string_view thread) const {
    return {id, r.jid, settings_.from, thread, r.packs, limit_.bytes()};
}

std::string chat_exchange::next_id() { return settings_.id_prefix + std::to_string(++serial_); }

}  // namespace crosstalk::talk
