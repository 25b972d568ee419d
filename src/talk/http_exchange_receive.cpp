// The receiving side of the exchange over XEP-0332: requests and the answers to them.
#include <algorithm>

#include "cgi/error.hpp"
#include "talk/decoder.hpp"
#include "talk/http_mapping.hpp"
#include "talk/http_route.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds tick_busy = 250ms;
constexpr std::size_t most_id = 512;  ///< bytes of an iq's id

/// Whether an error says no more than that pings are unknown: it comes from whom the ping was for.
bool is_sign_of_life(const xmpp::element& answer) {
    const auto error = xmpp::read_error(answer);
    if (!error) return true;
    return error->what == xmpp::condition::feature_not_implemented ||
           error->what == xmpp::condition::service_unavailable;
}

std::string condition_of(const xmpp::element& stanza) {
    const auto error = xmpp::read_error(stanza);
    return std::string(to_string(error ? error->what : xmpp::condition::undefined_condition));
}

xmpp::condition condition_for(error_code why) {
    return why == errc::unoffered_encoding ? xmpp::condition::feature_not_implemented
                                           : xmpp::condition::bad_request;
}

}  // namespace

bool http_exchange::receive(const xmpp::element& stanza, time_point now) {
    if (route* r = find_route(stanza.attr("from")); r != nullptr && stanza.attr("type") != "error")
        r->way.heard(0, now);
    if (xmpp::is_iq(stanza)) return receive_iq(stanza, now);
    return xmpp::is_message(stanza) && receive_message(stanza, now);
}

bool http_exchange::receive_iq(const xmpp::element& stanza, time_point now) {
    if (stanza.attr("type") == "set") {
        const auto* const req = stanza.child("req", xmpp::ns::http);
        if (req == nullptr) return receive_bytestream(stanza, now);
        if (!settings_.accepts_requests) return false;
        take_request(stanza, *req, now);
        return true;
    }
    if (!xmpp::is_response(stanza)) return false;
    route* const r = find_route(stanza.attr("from"));
    return r != nullptr && receive_answer(*r, stanza, now);
}

// Answers

bool http_exchange::receive_answer(route& r, const xmpp::element& stanza, time_point now) {
    const std::string id(stanza.attr("id"));
    const bool is_ping = r.way.is_ping(id);
    if (is_ping || r.way.answered(id, !r.ring.empty(), now)) {
        if (is_sign_of_life(stanza)) {
            r.way.heard(0, now);
            activate(r);
        } else {
            end_all(r, end_kind::offline, "it does not answer pings: " + condition_of(stanza));
        }
        return true;
    }
    visit* const v = r.find(role::asker, id);
    if (v != nullptr && !v->t.is_over()) {
        if (!v->is_answered && v->t.head_sent_) take_answer(r, *v, stanza, now);
        return true;
    }
    const auto late = std::ranges::find(abandoned_, std::pair(r.jid, id));
    if (late == abandoned_.end()) return v != nullptr;
    abandoned_.erase(late);
    const auto* const resp = stanza.child("resp", xmpp::ns::http);
    const auto read = resp ? read_http_response(*resp) : result<http_response>(errc::malformed_http);
    if (read && read->body.how == http_body::form::chunks) give_up_stream(r.jid, read->body.stream);
    return true;
}

void http_exchange::take_answer(route& r, visit& v, const xmpp::element& stanza, time_point now) {
    v.is_answered = true;
    const auto* const resp = stanza.child("resp", xmpp::ns::http);
    if (stanza.attr("type") == "error") {
        v.t.end(end_kind::bounced, condition_of(stanza));
    } else if (resp == nullptr) {
        ++counters_.malformed;
        v.t.violate("protocol", "an answer without <resp/>");
    } else if (auto read = read_http_response(*resp); !read) {
        ++counters_.malformed;
        v.t.violate("protocol", read.error().message());
    } else {
        put_below(read->start.headers, v.script_name);
        message m;
        m.response = std::move(read->start);
        take_body(r, v, std::move(read->body), std::move(m), now);
    }
    settle(v);
    events_.changed(v.t);
    drop_if_done(v);
}

// Requests

bool http_exchange::is_repeated(const route* r, const std::string& id, time_point now) const {
    if (r == nullptr) return false;
    return r->find(role::answerer, id) != nullptr || (now < replayed_until_ && r->used.knows(id));
}

void http_exchange::take_request(const xmpp::element& stanza, const xmpp::element& req,
                                 time_point now) {
    const std::string from(stanza.attr("from")), id(stanza.attr("id"));
    route* const known = find_route(from);
    if (is_repeated(known, id, now) || xmpp::is_delayed(stanza)) {
        ++counters_.repeated_request;
        return;
    }
    auto asked = read_http_request(req);
    if (!asked || id.empty() || id.size() > most_id) {
        ++counters_.malformed;
        const error_code why = asked ? make_error_code(errc::malformed_http) : asked.error();
        return refuse(stanza, condition_for(why), why.message());
    }
    if (incoming_ >= settings_.max_open || (!known && routes_.size() >= settings_.max_paths)) {
        ++counters_.refused;
        return refuse(stanza, xmpp::condition::resource_constraint, "too many requests at once");
    }
    auto request = to_request_object(*asked, settings_.own_name);
    if (!request) {
        http_response response;
        response.start.status = cgi::status_of(request.error());
        response.start.headers.add("Content-Type", "text/plain; charset=utf-8");
        response.body = {http_body::form::whole, request.error().message(), {}};
        auto result = iq("result", id, from);
        result.add(to_element(response));
        return notices_.push_back(result.to_xml());
    }
    open_incoming(route_to(from), id, *std::move(asked), *std::move(request), now);
}

void http_exchange::open_incoming(route& r, const std::string& id, http_request&& asked,
                                  cgi::environ_map request, time_point now) {
    if (r.mine.empty() && r.theirs.empty()) r.way.rest_is_over(now);
    r.way.request_came(now);
    r.used.remember(id, now);
    auto owned = std::make_unique<visit>(role::answerer, r.jid, id, settings_.transactions, now);
    visit& v = *owned;
    v.max_chunk = asked.max_chunk;
    v.is_head = asked.method == "HEAD";
    r.theirs.emplace(id, std::move(owned));
    ++open_;
    ++incoming_;
    wake_by(now + tick_busy);
    message m;
    m.request = std::move(request);
    take_body(r, v, std::move(asked.body), std::move(m), now);
    if (v.t.is_over()) {
        v.t.is_released_ = true;  // broken by its own stanza: told so, and offered to nobody
    } else {
        events_.opened(v.t);
    }
    settle(v);
    drop_if_done(v);
}

/// Takes a head and what stands beside it of the body, or remembers the stream that brings it.
void http_exchange::take_body(route& r, visit& v, http_body&& body, message&& head, time_point now) {
    using form = http_body::form;
    const bool follows = body.how == form::chunks || body.how == form::bytestream;
    if (follows) {
        v.in.how = body.how;
        v.in.name = std::move(body.stream);
        v.in.last_came = now;
        if (!r.streams.emplace(route::key(v.in.how, v.in.name), &v).second) {
            v.in.how = form::none;  // the stream is another's
            return v.t.violate("protocol", "the name of a stream that is open already");
        }
    }
    deliver(v, std::move(head), body.bytes, !follows, now);
}

/// Hands something of the other side's to the transaction, with bytes of its body.
void http_exchange::deliver(visit& v, message&& m, std::string_view bytes, bool is_last,
                            time_point now) {
    transaction& t = v.t;
    t.window_sent_ = t.consumed_ + settings_.most_unread * settings_.transactions.buffer;
    m.offset = t.received_;
    if (is_last) {
        m.signal = signal_kind::producer_finished;
        v.in.is_complete = true;
    }
    t.receive(std::move(m), bytes.empty() ? std::nullopt : std::optional(bytes), now);
}

}  // namespace crosstalk::talk
