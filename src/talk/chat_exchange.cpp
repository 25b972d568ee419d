// The owner's side of the exchange of chat messages, and what the time brings.
#include "talk/chat_exchange.hpp"

#include "talk/chat_route.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds tick_busy = 250ms;
constexpr base::milliseconds tick_idle = 60s;
constexpr base::milliseconds silence_of_asker = 120s;

}  // namespace

chat_exchange::chat_exchange(chat_settings settings)
    : settings_(std::move(settings)), limit_(settings_.max_stanza) {}
chat_exchange::~chat_exchange() = default;

chat_exchange::route* chat_exchange::find_route(std::string_view jid) const {
    const auto at = routes_.find(jid);
    return at == routes_.end() ? nullptr : at->second.get();
}

chat_exchange::route& chat_exchange::route_to(const std::string& jid) {
    auto& slot = routes_[jid];
    if (!slot) {
        slot = std::make_unique<route>();
        slot->jid = jid;
        slot->way.max_stanza = limit_.bytes();
    }
    if (std::exchange(slot->is_gone, false)) slot->is_known = slot->packs = slot->is_mute = false;
    return *slot;
}

std::size_t chat_exchange::open_count(const std::string& jid) const noexcept {
    const route* r = find_route(jid);
    return r == nullptr ? 0 : r->open.size();
}

void chat_exchange::wake_by(time_point when) { tick_ = std::min(tick_.value_or(when), when); }

transaction& chat_exchange::open(const std::string& jid, std::string batch, cgi::environ_map request,
                                 bool body_follows, time_point now) {
    route& r = route_to(jid);
    auto made = std::make_unique<visit>(role::asker, jid, batch, settings_.transactions, now);
    transaction& t = made->t;
    made->is_announced = true;
    t.request_out_ = std::move(request);
    t.finish_wanted_ = !body_follows;
    r.way.request_came(now);
    r.open.emplace(std::move(batch), std::move(made));
    ++open_;
    wake_by(now + tick_busy);
    if (!online_) t.end(end_kind::link_down, "the stream to the server is down");
    touch(t);
    return t;
}

void chat_exchange::touch(transaction& t) {
    enqueue(*find_route(t.remote()), t);
    events_.changed(t);
}

void chat_exchange::release(transaction& t) {
    route& r = *find_route(t.remote());
    const bool is_unheard = t.side() == role::asker && t.head_sent_ && !r.is_known && !r.is_gone;
    let_go(t);
    if (is_unheard && t.end().reason == "timeout") r.packs = !r.packs;
    enqueue(r, t);
    drop_if_done(t);
}

void chat_exchange::settle(route& r, transaction& t) {
    enqueue(r, t);
    if (const visit* v = r.find(t.batch()); v->is_announced) events_.changed(t);
    drop_if_done(t);
}

void chat_exchange::drop_if_done(transaction& t) {
    if (!t.is_released_ || !t.is_over() || t.shutdown_due_) return;
    route& r = *find_route(t.remote());
    r.waiting.forget(t);
    events_.forget(t);
    if (t.side() == role::answerer) --incoming_;
    --open_;
    const auto at = r.open.find(t.batch());
    r.open.erase(at);
}

void chat_exchange::end_all(route& r, end_kind kind, const std::string& reason) {
    for (visit* v : r.everybody()) {
        transaction& t = v->t;
        t.shutdown_due_ = false;
        t.end(kind, reason);
        if (!v->is_announced) t.is_released_ = true;
        settle(r, t);
    }
    r.way.forget_outstanding();
    r.marks.clear();
    r.unmarked = 0;
}

void chat_exchange::end_everything() {
    for (const auto& [jid, r] : routes_) {
        end_all(*r, end_kind::link_down, "the stream to the server was lost");
        r->is_gone = true;
    }
    notices_.clear();
}

void chat_exchange::online(bool resumed, time_point) {
    online_ = true;
    lost_at_.reset();
    if (!resumed) end_everything();
    for (const auto& [jid, r] : routes_) activate(*r);
}

void chat_exchange::shrink_stanzas() {
    std::uint64_t most = 0;
    for (const auto& [jid, r] : routes_) most = std::max(most, r->way.unanswered() + r->unmarked);
    limit_.exceeded(most);
    for (const auto& [jid, r] : routes_) r->way.max_stanza = limit_.bytes();
}

void chat_exchange::offline(time_point now, bool broke_policy) {
    online_ = false;
    if (broke_policy) shrink_stanzas();
    if (settings_.resumption.count() == 0) return end_everything();
    if (!lost_at_) lost_at_ = now;
    wake_by(*lost_at_ + settings_.resumption);
}

void chat_exchange::unavailable(const std::string& jid) {
    route* r = find_route(jid);
    if (r == nullptr) return;
    end_all(*r, end_kind::offline, "it went offline");
    r->is_gone = true;
}

void chat_exchange::expire(time_point now) {
    if (!tick_ || now < *tick_) return;
    if (lost_at_ && now - *lost_at_ >= settings_.resumption) {
        lost_at_.reset();
        end_everything();
    }
    for (const auto& [jid, r] : routes_) {
        if (online_) pass_marks(*r, now);
        if (online_) check_silence(*r, now);
        r->used.forget_old(now);
    }
    forget_idle_routes();
    tick_.reset();
    if (!routes_.empty()) tick_ = now + (open_ > 0 ? tick_busy : tick_idle);
    if (lost_at_) wake_by(*lost_at_ + settings_.resumption);
}

void chat_exchange::check_silence(route& r, time_point now) {
    for (visit* v : r.everybody()) {
        transaction& t = v->t;
        const bool waits = t.side() == role::asker ? t.response() != nullptr : true;
        const auto patience = t.side() == role::asker ? settings_.silence : silence_of_asker;
        const bool is_due = (waits && !t.is_remote_finished()) || t.is_released_;
        if (t.is_over() || !is_due || now - t.last_progress() <= patience) continue;
        t.shutdown_due_ = true;
        t.end(end_kind::timed_out, "nothing came for too long");
        if (!v->is_announced) t.is_released_ = true;
        settle(r, t);
    }
}

/// Who is asked keeps its route, and its form with it, as long as it is there.
void chat_exchange::forget_idle_routes() {
    const bool asks = settings_.askers.empty();
    std::erase_if(routes_, [asks](const auto& entry) {
        const route& r = *entry.second;
        const bool is_idle = r.open.empty() && r.marks.empty() && r.used.empty() && !r.is_active;
        return is_idle && (r.is_gone || !asks);
    });
}

}  // namespace crosstalk::talk
