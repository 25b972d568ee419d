// The sending side of the exchange over XEP-0332: which stanza goes next.
#include <algorithm>

#include "cgi/checks.hpp"
#include "http/status.hpp"
#include "talk/decoder.hpp"
#include "talk/http_mapping.hpp"
#include "talk/http_route.hpp"

namespace crosstalk::talk {
namespace {

using form = http_body::form;

constexpr std::size_t most_notices = 8192;
/// Bytes of a stanza that servers may add.
constexpr std::size_t envelope_room = 1024;

std::optional<std::uint64_t> announced_length(const http::fields& headers) {
    const std::string* const length = headers.find("Content-Length");
    return length == nullptr ? std::nullopt : cgi::parse_content_length(*length);
}

std::optional<std::uint64_t> announced_length(const cgi::environ_map& request) {
    const std::string* const length = request.find("CONTENT_LENGTH");
    return length == nullptr ? std::nullopt : cgi::parse_content_length(*length);
}

}  // namespace

xmpp::element http_exchange::iq(std::string_view type, std::string_view id, std::string_view to) const {
    xmpp::element made("iq", "");
    made.set("type", std::string(type)).set("id", std::string(id)).set("to", std::string(to));
    if (!settings_.from.empty()) made.set("from", settings_.from);
    return made;
}

// Notices

void http_exchange::answer(std::string_view id, std::string_view to) {
    if (notices_.size() < most_notices) notices_.push_back(iq("result", id, to).to_xml());
}

void http_exchange::refuse(const xmpp::element& stanza, xmpp::condition what, std::string text) {
    if (notices_.size() >= most_notices) return;
    auto error = iq("error", stanza.attr("id"), stanza.attr("from"));
    error.add(xmpp::error_element({what, std::move(text)}));
    notices_.push_back(error.to_xml());
}

/// A message that nobody stores: servers drop a headline for a resource that is gone.
void http_exchange::notify(std::string_view to, xmpp::element payload) {
    if (notices_.size() >= most_notices) return;
    xmpp::element message("message", "");
    message.set("type", "headline").set("to", std::string(to));
    if (!settings_.from.empty()) message.set("from", settings_.from);
    message.add(std::move(payload));
    notices_.push_back(message.to_xml());
}

/// The XEP says <close/>, its best-known program takes <cancel/> alone.
void http_exchange::give_up_stream(std::string_view to, std::string_view name) {
    for (const char* const word : {"close", "cancel"}) {
        xmpp::element end(word, std::string(xmpp::ns::http));
        end.set("streamId", std::string(name));
        notify(to, std::move(end));
    }
}

// Turns

/// A body that goes along with its head is waited for.
bool http_exchange::has_output(const visit& v) noexcept {
    const transaction& t = v.t;
    if (t.is_over()) return false;
    if (t.request_out_ || t.response_out_) {
        if (t.finish_wanted_) return true;
        const bool has_body =
            t.request_out_ || !(v.is_head || http::is_bodyless(t.response_out_->status));
        const auto length = t.request_out_ ? announced_length(*t.request_out_)
                                           : announced_length(t.response_out_->headers);
        return !has_body || !length || *length > v.max_chunk || t.out_.size() > v.max_chunk;
    }
    if (!t.head_sent_ || v.out_stream.empty() || v.discards) return false;
    return t.out_.size() > t.out_sent_ || (t.finish_wanted_ && !t.finish_sent_);
}

bool http_exchange::next_stanza(std::string& out, time_point now) {
    if (!online_) return false;
    const std::size_t begin = out.size();
    const bool sent = append_next(out, now);
    largest_sent_ = std::max(largest_sent_, out.size() - begin);
    return sent;
}

bool http_exchange::append_next(std::string& out, time_point now) {
    if (!notices_.empty()) {
        out += notices_.front();
        notices_.pop_front();
        return true;
    }
    while (!active_.empty()) {
        route& r = *active_.front();
        active_.pop_front();
        const bool sent =
            append_ping(r, out, now) || append_head(r, out, now) || append_body(r, out, now);
        r.is_active = sent;
        if (!sent) continue;
        active_.push_back(&r);
        return true;
    }
    // What has just ended may have left something to say.
    return !notices_.empty() && append_next(out, now);
}

bool http_exchange::append_ping(route& r, std::string& out, time_point now) {
    if (!std::exchange(r.ping_due, false)) return false;
    std::string id = next_id();
    auto ping = iq("get", id, r.jid);
    ping.add(xmpp::element("ping", std::string(xmpp::ns::ping)));
    out += ping.to_xml();
    r.way.pinged(std::move(id), now);
    return true;
}

bool http_exchange::append_head(route& r, std::string& out, time_point now) {
    for (std::size_t turns = r.ring.size(); turns > 0; --turns) {
        visit& v = *r.ring.front();
        r.ring.pop_front();
        r.ring.push_back(&v);
        if (!v.t.request_out_ && !v.t.response_out_) continue;
        r.ring.pop_back();
        v.t.is_queued_ = false;
        const bool sent = v.t.request_out_ ? append_request(v, out, now) : append_response(v, out);
        settle(v);
        events_.changed(v.t);
        drop_if_done(v);
        if (sent) return true;
    }
    return false;
}

/// Bytes of body in one stanza: what the other side takes, and the servers on the way.
std::size_t http_exchange::chunk_size(const visit& v) const noexcept {
    return std::min(v.max_chunk, (limit_.bytes() - envelope_room) / 4 * 3);
}

/// What goes along with a head: all of the body if it is there and small, else the name of what
/// follows.
http_body http_exchange::take_whole(visit& v, bool has_none) {
    transaction& t = v.t;
    http_body body;
    const std::size_t size = t.out_.size();
    if (has_none || (t.finish_wanted_ && size == 0)) {
        v.discards = !t.finish_wanted_;
        t.finish_sent_ = t.finish_wanted_;
    } else if (t.finish_wanted_ && size <= chunk_size(v)) {
        body.how = form::whole;
        body.bytes = std::exchange(t.out_, {});
        t.sent_ += size;
        t.finish_sent_ = true;
    } else {
        body.how = form::chunks;
        v.out_stream = body.stream = next_id();
    }
    return body;
}

bool http_exchange::append_request(visit& v, std::string& out, time_point now) {
    transaction& t = v.t;
    const auto request = std::exchange(t.request_out_, std::nullopt);
    auto asked = to_http_request(*request);
    if (!asked) {
        const bool is_method = asked.error() == errc::unsupported_method;
        t.end(end_kind::shut_down, is_method ? "unsupported-method" : asked.error().message());
        return false;
    }
    asked->body = take_whole(v, false);
    auto set = iq("set", t.batch(), t.remote());
    set.add(to_element(*asked));
    const std::string stanza = set.to_xml();
    if (cost_of(stanza) + envelope_room > limit_.bytes()) {
        v.out_stream.clear();
        t.give_up_too_large();
        return false;
    }
    out += stanza;
    t.head_sent_ = true;
    t.acknowledge(0, now);
    return true;
}

bool http_exchange::append_response(visit& v, std::string& out) {
    transaction& t = v.t;
    http_response response;
    response.start = *std::exchange(t.response_out_, std::nullopt);
    const bool has_none = v.is_head || http::is_bodyless(response.start.status);
    response.body = take_whole(v, has_none);
    auto result = iq("result", t.batch(), t.remote());
    result.add(to_element(response));
    const std::string stanza = result.to_xml();
    if (cost_of(stanza) + envelope_room > limit_.bytes()) {
        v.out_stream.clear();
        t.give_up_too_large();
        return false;
    }
    out += stanza;
    t.head_sent_ = v.is_answered = true;
    t.settle();
    return true;
}

/// A burst of chunks and the ping behind it, a stanza at a time.
bool http_exchange::append_body(route& r, std::string& out, time_point now) {
    if (r.unmarked > 0 && (r.unmarked >= r.burst || r.ring.empty())) return append_mark(r, out, now);
    if (r.ring.empty()) return false;
    if (r.unmarked == 0) {
        if (!r.way.may_send(now)) return false;
        r.burst = r.way.room(now);
    }
    visit& v = *r.ring.front();
    r.ring.pop_front();
    v.t.is_queued_ = false;
    if (!has_output(v)) return append_body(r, out, now);
    const std::size_t begin = out.size();
    append_chunk(v, out, now);
    r.unmarked += cost_of(std::string_view(out).substr(begin));
    settle(v);
    events_.changed(v.t);
    drop_if_done(v);
    return true;
}

bool http_exchange::append_mark(route& r, std::string& out, time_point now) {
    std::string id = next_id();
    auto ping = iq("get", id, r.jid);
    ping.add(xmpp::element("ping", std::string(xmpp::ns::ping)));
    out += ping.to_xml();
    r.way.sent({std::move(id), std::exchange(r.unmarked, 0), now, {}});
    return true;
}

void http_exchange::append_chunk(visit& v, std::string& out, time_point now) {
    transaction& t = v.t;
    http_chunk chunk;
    chunk.stream = v.out_stream;
    chunk.number = v.next_number++;
    chunk.bytes = t.out_.substr(t.out_sent_, chunk_size(v));
    t.out_sent_ += chunk.bytes.size();
    t.sent_ += chunk.bytes.size();
    chunk.is_last = t.finish_wanted_ && t.out_sent_ == t.out_.size();
    t.finish_sent_ = chunk.is_last;
    t.note_sent();
    t.acknowledge(chunk.bytes.size(), now);
    xmpp::element message("message", "");
    message.set("type", "headline").set("to", t.remote());
    if (!settings_.from.empty()) message.set("from", settings_.from);
    message.add(to_element(chunk));
    message.write(out, "");
    t.settle();
}

}  // namespace crosstalk::talk
