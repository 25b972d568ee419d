// The receiving side of the exchange of chat messages: whose stanza it is, and what its message means.
#include <algorithm>
#include <charconv>

#include "talk/chat_request.hpp"
#include "talk/chat_route.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::talk {
namespace {

std::optional<std::uint64_t> length_in(std::string_view text) noexcept {
    std::uint64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return length;
}

/// How long the body is that this head begins, where it says so.
std::optional<std::uint64_t> length_of(const message& m) noexcept {
    if (m.request) return length_in(m.request->get("CONTENT_LENGTH"));
    const auto* field = m.response ? m.response->headers.find("Content-Length") : nullptr;
    return field == nullptr ? std::nullopt : length_in(*field);
}

}  // namespace

/// A message that has come, and from whom.
struct chat_exchange::arrival {
    const xmpp::element& stanza;
    std::string from;
    chat_text text;
    time_point now;
};

bool chat_exchange::may_ask(std::string_view jid) const noexcept {
    return std::ranges::find(settings_.askers, xmpp::domain_of(jid)) != settings_.askers.end();
}

bool chat_exchange::receive(const xmpp::element& stanza, time_point now) {
    if (xmpp::is_response(stanza)) return receive_pong(stanza, now);
    if (!xmpp::is_message(stanza)) return false;
    const auto type = stanza.attr("type");
    if (type == "error") return receive_error(stanza);
    return type == "chat" && receive_message(stanza, now);
}

// Empty messages tell that somebody is typing.
bool chat_exchange::receive_message(const xmpp::element& stanza, time_point now) {
    const arrival a{stanza, std::string(stanza.attr("from")), open_chat(stanza), now};
    route* r = find_route(a.from);
    if (r == nullptr && !may_ask(a.from)) return false;
    if (a.text.body.empty()) return true;
    if (!is_batch(a.text.thread)) {
        ++counters_.malformed;
        return true;
    }
    auto read = reader_.read(a.text);
    if (auto* broken = std::get_if<broken_message>(&read))
        take_broken(a, std::move(broken->why));
    else
        take(a, std::get<message>(std::move(read)));
    return true;
}

void chat_exchange::take_broken(const arrival& a, std::string why) {
    ++counters_.broken_message;
    route* r = find_route(a.from);
    visit* v = r == nullptr ? nullptr : r->find(std::string(a.text.thread));
    if (v == nullptr) return;
    v->t.violate("protocol", std::move(why));
    if (!v->is_announced) v->t.is_released_ = true;
    settle(*r, v->t);
}

void chat_exchange::take(const arrival& a, message&& m) {
    if (m.request) return take_request(a, std::move(m));
    route* r = find_route(a.from);
    visit* v = r == nullptr ? nullptr : r->find(m.batch);
    if (v == nullptr) {
        ++counters_.unknown_batch;
        return;
    }
    r->is_known = true;
    r->packs = a.text.is_packed();
    deliver(*r, *v, std::move(m), a.now);
}

// A gateway of 2008 counts its batches from 1 whenever it is started, so a batch says nothing; a stanza
// that comes twice has its own id again.
void chat_exchange::take_request(const arrival& a, message&& m) {
    route* known = find_route(a.from);
    const std::string key = m.batch + '\n' + std::string(a.stanza.attr("id"));
    if (xmpp::is_delayed(a.stanza) || (known != nullptr && known->used.knows(key))) {
        ++counters_.repeated_request;
        return;
    }
    const bool has_room =
        incoming_ < settings_.max_open && (known != nullptr || routes_.size() < settings_.max_paths);
    if (!may_ask(a.from) || !m.require.empty() || !has_room) {
        ++counters_.refused;
        return refuse(a);
    }
    route& r = route_to(a.from);
    if (visit* earlier = r.find(m.batch)) {
        earlier->t.end(end_kind::replaced, "its batch was opened anew");
        if (!earlier->is_announced) earlier->t.is_released_ = true;
        settle(r, earlier->t);
        if (r.find(m.batch) != nullptr) return refuse(a);  // who answers it still holds it
    }
    r.used.remember(key, a.now);
    r.is_known = true;
    r.packs = a.text.is_packed();
    auto made = std::make_unique<visit>(role::answerer, a.from, m.batch, settings_.transactions, a.now);
    visit& v = *made;
    v.t.is_reported_ = true;  // not before it is announced
    r.way.request_came(a.now);
    r.open.emplace(m.batch, std::move(made));
    ++open_;
    ++incoming_;
    wake_by(a.now);
    bring_up_to_date(*m.request);
    deliver(r, v, std::move(m), a.now);
}

// Each piece of a body follows on the last one. A request without a length is shown with the message
// behind it, which tells whether there is a body.
void chat_exchange::deliver(route& r, visit& v, message&& m, time_point now) {
    transaction& t = v.t;
    if (m.request || m.response) v.body.expect(length_of(m));
    const bool is_head = m.request.has_value();
    const bool has_more = m.data || m.signal != signal_kind::none;
    const bool is_clear = !is_head || has_more || announces_body(*m.request);
    m.window.reset();
    m.offset = t.received_;
    std::optional<std::string> bytes;
    if (m.data) bytes = v.body.read(*std::exchange(m.data, std::nullopt));
    if (bytes && !t.is_over() && !may_hold(v, bytes->size()))
        t.violate("overrun", "more came than can be held for a visitor who is slower");
    t.receive(std::move(m), bytes ? std::optional<std::string_view>(*bytes) : std::nullopt, now);
    if (!v.is_announced && t.is_over()) t.is_released_ = true;
    if (!v.is_announced && !t.is_over() && is_clear) announce(v);
    settle(r, t);
}

bool chat_exchange::may_hold(const visit& v, std::size_t more) const {
    const std::size_t held = v.t.readable() + more;
    if (held <= settings_.transactions.buffer) return true;
    if (held > settings_.most_unread) return false;
    std::size_t all = more;
    for (const auto& [jid, r] : routes_)
        for (const auto& [batch, other] : r->open) all += other->t.readable();
    return all <= settings_.most_unread_all;
}

void chat_exchange::announce(visit& v) {
    v.is_announced = true;
    events_.opened(v.t);
}

void chat_exchange::refuse(const arrival& a) {
    constexpr std::size_t most_notices = 256;
    if (notices_.size() >= most_notices || !may_ask(a.from)) return;
    message m;
    m.batch = a.text.thread;
    m.signal = signal_kind::shutdown_microprocess;
    const std::string id = next_id();
    const chat_head head{id, a.from, settings_.from, a.text.thread, a.text.is_packed(), limit_.bytes()};
    std::string stanza;
    if (writer_.append(stanza, head, m)) notices_.push_back(std::move(stanza));
}

// A server on the way has returned what was sent; its id says of which transaction it was.
bool chat_exchange::receive_error(const xmpp::element& stanza) {
    auto id = stanza.attr("id");
    if (settings_.id_prefix.empty() || !id.starts_with(settings_.id_prefix)) return false;
    route* r = find_route(stanza.attr("from"));
    if (r == nullptr) return true;
    id.remove_prefix(settings_.id_prefix.size());
    const auto dash = id.find('-');
    if (dash == std::string_view::npos) return true;
    visit* v = r->find(std::string(id.substr(dash + 1)));
    if (v == nullptr) return true;
    const auto error = xmpp::read_error(stanza);
    v->t.end(end_kind::bounced, std::string(to_string(error.value_or(xmpp::stanza_error()).what)));
    if (!v->is_announced) v->t.is_released_ = true;
    settle(*r, v->t);
    return true;
}

/// Any answer will do: it came behind what was sent before.
bool chat_exchange::receive_pong(const xmpp::element& stanza, time_point now) {
    const auto id = stanza.attr("id");
    if (settings_.id_prefix.empty() || !id.starts_with(settings_.id_prefix)) return false;
    route* r = find_route(stanza.attr("from"));
    if (r == nullptr) return true;
    const auto at = std::ranges::find(r->marks, id, &route::mark::id);
    r->is_mute = false;
    if (at == r->marks.end()) return true;
    r->marks.erase(at);
    (void)r->way.answered(id, !r->waiting.empty(), now);
    activate(*r);
    return true;
}

}  // namespace crosstalk::talk
