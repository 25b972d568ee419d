// The owner's side of the exchange over XEP-0332: opening, releasing, ends, what the time brings.
#include "talk/http_exchange.hpp"

#include <algorithm>

#include "talk/http_route.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;
using form = http_body::form;

constexpr base::milliseconds tick_busy = 250ms;  ///< between looks at open transactions
constexpr base::milliseconds tick_idle = 60s, tick_soon = 5s;
constexpr base::milliseconds lingering_at_most = 120s;
/// A server sends again at once, if at all.
constexpr base::milliseconds replaying = 10s;
constexpr std::size_t most_abandoned = 1024;

unsigned status_of(std::string_view reason) {
    if (reason == "timeout") return 504;
    return reason == "busy" || reason == "overloaded" || reason == "stopped" ? 503 : 502;
}

}  // namespace

http_exchange::http_exchange(http_exchange_settings settings)
    : settings_(std::move(settings)), limit_(settings_.max_stanza) {}
http_exchange::~http_exchange() = default;

http_exchange::route& http_exchange::route_to(const std::string& jid) {
    auto& slot = routes_[jid];
    if (!slot) {
        slot = std::make_unique<route>();
        slot->jid = jid;
        slot->way.max_stanza = limit_.bytes();
    }
    return *slot;
}

http_exchange::route* http_exchange::find_route(std::string_view jid) const {
    const auto at = routes_.find(jid);
    return at == routes_.end() ? nullptr : at->second.get();
}

http_exchange::visit& http_exchange::visit_of(const transaction& t) {
    return *find_route(t.remote())->find(t.side(), t.batch());
}

transaction& http_exchange::open(const std::string& jid, std::string batch, cgi::environ_map request,
                                 bool body_follows, time_point now) {
    route& r = route_to(jid);
    auto owned = std::make_unique<visit>(role::asker, jid, batch, settings_.transactions, now);
    visit& v = *owned;
    v.t.finish_wanted_ = !body_follows;
    v.script_name = request.get("SCRIPT_NAME");
    v.is_head = request.get("REQUEST_METHOD") == "HEAD";
    v.t.request_out_ = std::move(request);
    if (r.mine.empty() && r.theirs.empty()) r.way.rest_is_over(now);
    r.way.request_came(now);
    r.mine.emplace(std::move(batch), std::move(owned));
    ++open_;
    wake_by(now + tick_busy);
    if (!online_) v.t.end(end_kind::link_down, "the stream to the server is down");
    // A body that goes along with its head is asked for before that goes.
    if (body_follows && !has_output(v)) v.t.acknowledge(0, now);
    touch(v.t);
    return v.t;
}

void http_exchange::touch(transaction& t) {
    visit& v = visit_of(t);
    answer_owed(v);
    settle(v);
    events_.changed(t);
}

void http_exchange::release(transaction& t) {
    let_go(t);
    visit& v = visit_of(t);
    settle(v);
    drop_if_done(v);
}

/// Puts a transaction where its state belongs: among those with something to say, or to its end.
void http_exchange::settle(visit& v) {
    route& r = *find_route(v.t.remote());
    if (v.discards && !v.t.is_over()) {
        // Nobody wants the body: it is dropped as it comes.
        v.t.out_.clear();
        v.t.out_sent_ = 0;
        v.t.change_.room = v.t.change_.room || !v.t.finish_wanted_;
        if (v.t.finish_wanted_ && v.t.head_sent_) v.t.finish_sent_ = true;
        v.t.settle();
    }
    if (v.t.is_over()) take_leave(r, v);
    if (has_output(v)) enqueue(r, v);
}

void http_exchange::enqueue(route& r, visit& v) {
    if (!v.t.is_queued_) {
        v.t.is_queued_ = true;
        r.ring.push_back(&v);
    }
    activate(r);
}

void http_exchange::activate(route& r) {
    if (std::exchange(r.is_active, true)) return;
    active_.push_back(&r);
}

/// Once it is over: the other side is told, if it would not know otherwise.
void http_exchange::take_leave(route& r, visit& v) {
    v.t.shutdown_due_ = false;
    if (std::exchange(v.has_left, true)) return;
    const bool is_told = v.t.end().kind == end_kind::offline || v.t.end().kind == end_kind::replaced ||
                         v.t.end().kind == end_kind::link_down;
    incoming_stream& in = v.in;
    r.forget_stream(v);
    if (is_told) return;
    if (in.how == form::chunks && !in.is_complete) give_up_stream(r.jid, in.name);
    if (in.how == form::bytestream && in.is_open && !in.is_complete) {
        answer_owed(v);
        auto set = iq("set", next_id(), r.jid);
        set.add(xmpp::element("close", std::string(xmpp::ns::ibb))).set("sid", in.name);
        notices_.push_back(set.to_xml());
    }
    if (!v.out_stream.empty() && !v.t.finish_sent_ && !v.discards) give_up_stream(r.jid, v.out_stream);
    if (v.t.side() == role::answerer && !v.is_answered) refuse_late(v);
    if (v.t.side() == role::asker && v.t.head_sent_ && !v.is_answered) {
        abandoned_.emplace_back(r.jid, v.t.batch());
        if (abandoned_.size() > most_abandoned) abandoned_.pop_front();
    }
}

/// The answer to a request that nobody has answered.
void http_exchange::refuse_late(visit& v) {
    v.is_answered = true;
    http_response response;
    response.start.status = status_of(v.t.shutdown_reason_);
    response.start.headers.add("Content-Length", "0");
    auto result = iq("result", v.t.batch(), v.t.remote());
    result.add(to_element(response));
    notices_.push_back(result.to_xml());
}

void http_exchange::drop_if_done(visit& v) {
    transaction& t = v.t;
    if (!t.is_released_ || !t.is_over()) return;
    route& r = *find_route(t.remote());
    if (t.is_queued_) std::erase(r.ring, &v);
    events_.forget(t);
    r.forget_stream(v);
    if (t.side() == role::answerer) --incoming_;
    --open_;
    table& all = t.side() == role::asker ? r.mine : r.theirs;
    all.erase(std::string(t.batch()));
}

void http_exchange::end_all(route& r, end_kind kind, const std::string& reason) {
    for (visit* v : r.everybody()) {
        v->t.end(kind, reason);
        settle(*v);
        events_.changed(v->t);
        drop_if_done(*v);
    }
    r.way.forget_outstanding();
    r.unmarked = 0;
    std::erase_if(abandoned_, [&](const auto& one) { return one.first == r.jid; });
}

void http_exchange::end_everything() {
    for (const auto& [jid, r] : routes_)
        end_all(*r, end_kind::link_down, "the stream to the server was lost");
    notices_.clear();
}

void http_exchange::online(bool resumed, time_point now) {
    online_ = true;
    largest_sent_ = 0;
    lost_at_.reset();
    if (resumed)
        replayed_until_ = now + replaying;
    else
        end_everything();
    for (const auto& [jid, r] : routes_) {
        r->way.rest_is_over(now);
        activate(*r);
    }
}

void http_exchange::shrink_stanzas() {
    std::uint64_t most = largest_sent_;  // heads are in no burst
    for (const auto& [jid, r] : routes_) most = std::max(most, r->way.unanswered() + r->unmarked);
    limit_.exceeded(most);
    for (const auto& [jid, r] : routes_) r->way.max_stanza = limit_.bytes();
}

void http_exchange::offline(time_point now, bool broke_policy) {
    online_ = false;
    if (broke_policy) shrink_stanzas();
    if (settings_.resumption.count() == 0) return end_everything();
    if (!lost_at_) lost_at_ = now;
    wake_by(*lost_at_ + settings_.resumption);
}

void http_exchange::unavailable(const std::string& jid) {
    if (route* r = find_route(jid)) end_all(*r, end_kind::offline, "it went offline");
}

bool http_exchange::is_responsive(const std::string& jid) const {
    const route* r = find_route(jid);
    return r == nullptr || r->way.is_responsive();
}

std::size_t http_exchange::open_count(const std::string& jid) const noexcept {
    const route* r = find_route(jid);
    return r == nullptr ? 0 : r->mine.size() + r->theirs.size();
}

void http_exchange::heard(const std::string& jid, time_point now) {
    if (route* r = find_route(jid)) r->way.heard(0, now);
}

void http_exchange::wake_by(time_point when) { tick_ = std::min(tick_.value_or(when), when); }

void http_exchange::expire(time_point now) {
    if (!tick_ || now < *tick_) return;
    if (lost_at_ && now - *lost_at_ >= settings_.resumption) {
        lost_at_.reset();
        end_everything();
    }
    for (const auto& [jid, r] : routes_) {
        if (!online_) break;  // silence means nothing
        if (!r->mine.empty() || !r->theirs.empty() || r->way.outstanding() > 0) check_liveness(*r, now);
        check_bodies(*r, now);
    }
    forget_idle_routes(now);
    tick_.reset();
    if (!routes_.empty())
        tick_ = now + (open_ > 0 ? tick_busy : has_set_aside(now) ? tick_soon : tick_idle);
}

bool http_exchange::has_set_aside(time_point now) const {
    return std::any_of(routes_.begin(), routes_.end(),
                       [now](const auto& entry) { return entry.second->way.is_set_aside(now); });
}

void http_exchange::forget_idle_routes(time_point now) {
    for (const auto& [jid, r] : routes_) r->used.forget_old(now);
    std::erase_if(routes_, [now](const auto& entry) {
        return entry.second->is_idle() && !entry.second->way.is_set_aside(now);
    });
}

void http_exchange::check_liveness(route& r, time_point now) {
    path::waiting open;
    open.for_request = !r.theirs.empty();
    for (const auto& [id, v] : r.mine) {
        open.for_answer = open.for_answer || !v->t.is_over();
        open.for_body = open.for_body || v->t.owes_body();
    }
    switch (r.way.check(open, now)) {
        case path::verdict::fine:
            break;
        case path::verdict::ping:
            r.ping_due = true;
            activate(r);
            break;
        case path::verdict::gone:
            end_all(r, end_kind::offline, "it does not answer pings");
            break;
    }
}

/// Bodies of which nothing more comes, and answers that nobody waits for.
void http_exchange::check_bodies(route& r, time_point now) {
    for (visit* v : r.everybody()) {
        const incoming_stream& in = v->in;
        const bool is_due = in.how != form::none && !in.is_complete && v->t.readable() == 0;
        if (is_due && in.gap_since && now - *in.gap_since >= settings_.gap)
            v->t.violate("protocol", "a chunk of its body is missing");
        else if (is_due && now - in.last_came >= settings_.idle_body)
            v->t.end(end_kind::timed_out, "nothing more came of its body");
        else if (v->t.is_released_ && now - v->t.last_progress() > lingering_at_most)
            v->t.shut_down("timeout");
        else
            continue;
        settle(*v);
        events_.changed(v->t);
        drop_if_done(*v);
    }
}

std::string http_exchange::next_id() { return settings_.id_prefix + std::to_string(++serial_); }

}  // namespace crosstalk::talk
