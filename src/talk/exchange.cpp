// The owner's side of the exchange: opening, releasing, what the time brings.
#include "talk/exchange.hpp"

#include <algorithm>

#include "talk/route.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds tick_idle = 60s, tick_soon = 5s;
constexpr base::milliseconds silence_before_repeat = 60s;
constexpr base::milliseconds lingering_at_most = 120s;

}  // namespace

exchange::exchange(exchange_settings settings)
    : settings_(std::move(settings)), limit_(settings_.max_stanza) {}
exchange::~exchange() = default;

exchange::route& exchange::route_to(const std::string& jid) {
    auto& slot = routes_[jid];
    if (!slot) {
        slot = std::make_unique<route>();
        slot->jid = jid;
        slot->way.max_stanza = limit_.bytes();
    }
    return *slot;
}

exchange::route* exchange::find_route(std::string_view jid) const {
    const auto at = routes_.find(jid);
    return at == routes_.end() ? nullptr : at->second.get();
}

transaction& exchange::open(const std::string& jid, std::string batch, cgi::environ_map request,
                            bool body_follows, time_point now) {
    route& r = route_to(jid);
    auto owned = std::make_unique<transaction>(role::asker, jid, batch, settings_.transactions, now);
    transaction& t = *owned;
    t.request_out_ = std::move(request);
    t.finish_wanted_ = !body_follows;
    if (r.mine.empty() && r.theirs.empty()) r.way.rest_is_over(now);
    r.way.request_came(now);
    r.mine.emplace(std::move(batch), std::move(owned));
    ++open_;
    wake_by(now + tick_busy);
    if (!online_) {
        t.end(end_kind::link_down, "the stream to the server is down");
        events_.changed(t);
    }
    touch(t);
    return t;
}

void exchange::touch(transaction& t) {
    route& r = route_to(t.remote());
    settle_held_result(t);
    if (t.has_output(transaction::carrier::set, true)) enqueue(r, t);
    events_.changed(t);
}

void exchange::enqueue(route& r, transaction& t) {
    if (t.has_output(transaction::carrier::set, false)) r.has_control = true;
    if (!t.is_queued_) {
        t.is_queued_ = true;
        r.ring.push_back(&t);
    }
    activate(r);
}

void exchange::activate(route& r) {
    if (r.is_active) return;
    r.is_active = true;
    active_.push_back(&r);
}

void exchange::release(transaction& t) {
    let_go(t);
    settle_held_result(t);
    if (t.has_output(transaction::carrier::set, true)) enqueue(route_to(t.remote()), t);
    drop_if_done(t);
}

void exchange::drop_if_done(transaction& t) {
    if (!t.is_released_ || !t.is_over() || t.shutdown_due_) return;
    route& r = route_to(t.remote());
    if (t.is_queued_) std::erase(r.ring, &t);
    events_.forget(t);
    route::table& table = t.side() == role::asker ? r.mine : r.theirs;
    if (t.side() == role::answerer) --incoming_;
    --open_;
    table.erase(std::string(t.batch()));
}

// The response to a request has begun, or will not: the result for its stanza need not wait for it.
void exchange::settle_held_result(transaction& t) {
    if (t.held_result_ == 0 || !(t.is_over() || t.response_out_ || t.head_sent_)) return;
    route& r = route_to(t.remote());
    for (owed_result& o : r.results)
        if (o.serial == t.held_result_ && o.waiting > 0) --o.waiting;
    t.held_result_ = 0;
    activate(r);
}

void exchange::end_all(route& r, end_kind kind, const std::string& reason) {
    std::vector<transaction*> all;
    for (const auto& [batch, t] : r.mine) all.push_back(t.get());
    for (const auto& [batch, t] : r.theirs) all.push_back(t.get());
    for (transaction* t : all) {
        t->shutdown_due_ = false;
        t->end(kind, reason);
        events_.changed(*t);
        drop_if_done(*t);
    }
    r.way.forget_outstanding();
    r.results.clear();
    r.refusals.clear();
}

void exchange::end_everything() {
    for (const auto& [jid, r] : routes_)
        end_all(*r, end_kind::link_down, "the stream to the server was lost");
}

void exchange::online(bool resumed, time_point now) {
    online_ = true;
    lost_at_.reset();
    if (!resumed) end_everything();
    for (const auto& [jid, r] : routes_) {
        r->way.rest_is_over(now);
        activate(*r);
    }
}

void exchange::shrink_stanzas() {
    std::uint64_t most = 0;
    for (const auto& [jid, r] : routes_) most = std::max(most, r->way.unanswered());
    limit_.exceeded(most);
    for (const auto& [jid, r] : routes_)
        r->way.max_stanza = std::min(r->way.max_stanza, limit_.bytes());
}

void exchange::offline(time_point now, bool broke_policy) {
    online_ = false;
    if (broke_policy) shrink_stanzas();
    if (settings_.resumption.count() == 0) return end_everything();
    if (!lost_at_) lost_at_ = now;
    wake_by(*lost_at_ + settings_.resumption);
}

void exchange::unavailable(const std::string& jid) {
    if (route* r = find_route(jid)) end_all(*r, end_kind::offline, "it went offline");
}

bool exchange::is_responsive(const std::string& jid) const {
    const route* r = find_route(jid);
    return r == nullptr || r->way.is_responsive();
}

std::size_t exchange::open_count(const std::string& jid) const noexcept {
    const route* r = find_route(jid);
    return r == nullptr ? 0 : r->mine.size() + r->theirs.size();
}

void exchange::heard(const std::string& jid, time_point now) {
    if (route* r = find_route(jid)) r->way.heard(0, now);
}

void exchange::wake_by(time_point when) { tick_ = std::min(tick_.value_or(when), when); }

std::optional<exchange::time_point> exchange::deadline() const {
    std::optional<time_point> first = tick_;
    for (const route* r : holding_)
        for (const owed_result& o : r->results)
            if (!o.is_due) first = std::min(first.value_or(o.due), o.due);
    return first;
}

void exchange::expire(time_point now) {
    for (route* r : holding_)
        for (owed_result& o : r->results)
            if (!o.is_due && o.due <= now) {
                o.is_due = true;
                activate(*r);
            }
    if (!tick_ || now < *tick_) return;
    if (lost_at_ && now - *lost_at_ >= settings_.resumption) {
        lost_at_.reset();
        end_everything();
    }
    for (const auto& [jid, r] : routes_) {
        if (!online_) break;  // silence means nothing
        if (!r->mine.empty() || !r->theirs.empty() || r->way.outstanding() > 0) check_liveness(*r, now);
    }
    for (const auto& [jid, r] : routes_) r->used.forget_old(now);
    forget_idle_routes(now);
    tick_.reset();
    if (!routes_.empty())
        tick_ = now + (open_ > 0 ? tick_busy : has_set_aside(now) ? tick_soon : tick_idle);
}

void exchange::check_liveness(route& r, time_point now) {
    path::waiting open;
    open.for_request = !r.theirs.empty();
    for (const auto& [batch, t] : r.mine) {
        // A WebSocket that is silent owes nothing.
        open.for_answer = open.for_answer || (!t->is_over() && !t->is_tunnel());
        open.for_request = open.for_request || t->is_tunnel();
        open.for_body = open.for_body || t->owes_body();
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
            return;
    }
    end_lost(r, now);
    std::vector<transaction*> all;
    for (const auto& [batch, t] : r.mine) all.push_back(t.get());
    for (const auto& [batch, t] : r.theirs) all.push_back(t.get());
    for (transaction* t : all) {
        const auto silent = now - t->last_progress();
        if (t->is_released_ && silent > lingering_at_most)
            t->shut_down("timeout");
        else if (!t->is_over() && !t->is_remote_finished() && silent > silence_before_repeat) {
            t->repeat_window();
            t->last_progress_ = now;
        }
        if (t->has_output(transaction::carrier::set, true)) enqueue(r, *t);
        drop_if_done(*t);
    }
}

// Servers lose what is on a link between them that breaks, and tell nobody. A request may be answered
// late by simple peers: its asker waits as long as it likes.
void exchange::end_lost(route& r, time_point now) {
    const auto may_be_late = [&r](const share& s) {
        const transaction* t = r.find(s.mine, s.batch);
        return t != nullptr && s.mine && !t->is_accepted();
    };
    for (const path::sent_stanza& stanza : r.way.take_lost(may_be_late, now)) {
        activate(r);
        for (const share& s : stanza.shares) {
            transaction* t = r.find(s.mine, s.batch);
            if (t == nullptr) continue;
            t->bounce("lost");
            if (t->has_output(transaction::carrier::set, true)) enqueue(r, *t);
            events_.changed(*t);
            drop_if_done(*t);
        }
    }
}

bool exchange::has_set_aside(time_point now) const {
    return std::any_of(routes_.begin(), routes_.end(),
                       [now](const auto& entry) { return entry.second->way.is_set_aside(now); });
}

void exchange::forget_idle_routes(time_point now) {
    for (auto at = routes_.begin(); at != routes_.end();) {
        if (at->second->is_idle() && !at->second->way.is_set_aside(now)) {
            std::erase(holding_, at->second.get());
            at = routes_.erase(at);
        } else {
            ++at;
        }
    }
}

std::string exchange::next_id() { return settings_.id_prefix + std::to_string(++serial_); }

}  // namespace crosstalk::talk
