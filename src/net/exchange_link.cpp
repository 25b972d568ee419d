// See exchange_link.hpp. The exchange decides, this file waits, wakes and sends.
#include "net/exchange_link.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"

namespace crosstalk::net {

struct call::waiters {
    /// One thing to wait for: a ring that comes before the wait is not lost.
    struct sticky_bell {
        explicit sticky_bell(const executor& ex) : timer(ex) {}
        void ring() {
            has_rung = true;
            timer.cancel();
        }
        awaitable<bool> wait(base::time_point deadline) {
            if (!has_rung) {
                timer.expires_at(deadline);
                co_await timer.async_wait(as_values);
            }
            co_return std::exchange(has_rung, false);
        }
        asio::steady_timer timer;
        bool has_rung = false;
    };

    explicit waiters(const executor& ex) : in(ex), room(ex) {}
    sticky_bell in;
    sticky_bell room;
};

struct exchange_link::state {
    state(executor e, xmpp_link& l, talk::exchange_settings settings)
        : ex(std::move(e)), link(l), core(std::move(settings)), timer(ex) {}

    executor ex;
    xmpp_link& link;
    talk::exchange core;
    asio::steady_timer timer;
    base::time_point armed = base::time_point::max();
    std::string stanza;
    bool is_pump_posted = false;

    void send_what_may_go() {
        const auto now = base::clock::now();
        while (link.may_send() && core.next_stanza(stanza, now)) {
            if (const auto sent = link.send(stanza); !sent)
                base::log(base::log_level::error, "stanza not sent",
                          {{"reason", sent.error().message()}, {"bytes", stanza.size()}});
            stanza.clear();
        }
    }
};

exchange_link::exchange_link(executor ex, xmpp_link& link, talk::exchange_settings settings) {
    settings.id_prefix = base::random_id() + '-';
    state_ = std::make_shared<state>(std::move(ex), link, std::move(settings));
}

exchange_link::~exchange_link() { state_->timer.cancel(); }

call exchange_link::open(std::string jid, cgi::environ_map request, bool body_follows) {
    talk::transaction& t =
        state_->core.open(jid, base::random_id(), std::move(request), body_follows, base::clock::now());
    call c(this, &t);
    pump_soon();
    return c;
}

bool exchange_link::receive(const xmpp::element& stanza) {
    return state_->core.receive(stanza, base::clock::now());
}

void exchange_link::on_online(const xmpp::online& how) {
    state_->core.online(how.resumed, base::clock::now());
    pump();
}

void exchange_link::on_offline() {
    state_->core.offline(base::clock::now());
    pump();
}

void exchange_link::on_idle() { pump(); }

void exchange_link::unavailable(const std::string& full_jid) {
    state_->core.unavailable(full_jid);
    pump_soon();
}

void exchange_link::available(const std::string& full_jid) {
    state_->core.heard(full_jid, base::clock::now());
}

bool exchange_link::is_responsive(const std::string& full_jid) const {
    return state_->core.is_responsive(full_jid);
}
std::size_t exchange_link::open_count() const noexcept { return state_->core.open_count(); }
std::size_t exchange_link::open_count(const std::string& full_jid) const noexcept {
    return state_->core.open_count(full_jid);
}

void exchange_link::pump() {
    hand_out_events();
    state_->send_what_may_go();
    hand_out_events();
    arm_timer();
}

// What several coroutines do in one turn of the loop goes out together.
void exchange_link::pump_soon() {
    if (std::exchange(state_->is_pump_posted, true)) return;
    asio::post(state_->ex, [this, alive = std::weak_ptr<state>(state_)] {
        const auto s = alive.lock();
        if (!s) return;
        s->is_pump_posted = false;
        pump();
    });
}

void exchange_link::hand_out_events() {
    while (const auto event = state_->core.poll()) {
        talk::transaction& t = *event->subject;
        if (event->opened) {
            call c(this, &t);
            if (on_request) on_request(std::move(c));
            continue;
        }
        auto* waiters = static_cast<call::waiters*>(state_->core.attachment(t));
        if (waiters == nullptr) continue;
        if (event->change.in) waiters->in.ring();
        if (event->change.room) waiters->room.ring();
    }
}

void exchange_link::arm_timer() {
    const auto deadline = state_->core.deadline();
    if (!deadline || *deadline >= state_->armed) return;
    state_->armed = *deadline;
    state_->timer.expires_at(*deadline);
    state_->timer.async_wait([this, alive = std::weak_ptr<state>(state_)](error_code error) {
        const auto s = alive.lock();
        if (!s || error) return;
        s->armed = base::time_point::max();
        s->core.expire(base::clock::now());
        pump();
    });
}

call::call(exchange_link* link, talk::transaction* t)
    : link_(link), transaction_(t), waiters_(std::make_unique<waiters>(link->state_->ex)) {
    link_->state_->core.attach(*t, waiters_.get());
}

call::call(call&& other) noexcept
    : link_(other.link_),
      transaction_(std::exchange(other.transaction_, nullptr)),
      waiters_(std::move(other.waiters_)) {}

call& call::operator=(call&& other) noexcept {
    std::swap(link_, other.link_);
    std::swap(transaction_, other.transaction_);
    std::swap(waiters_, other.waiters_);
    return *this;
}

call::~call() {
    if (transaction_ == nullptr) return;
    link_->state_->core.release(*transaction_);
    link_->pump_soon();
}

awaitable<bool> call::wait_in(base::time_point deadline) { return waiters_->in.wait(deadline); }
awaitable<bool> call::wait_room(base::time_point deadline) { return waiters_->room.wait(deadline); }

std::string call::take(std::size_t max) {
    std::string bytes = transaction_->take(max);
    touched();
    return bytes;
}

void call::respond(talk::response_start start) {
    transaction_->respond(std::move(start));
    touched();
}

void call::write(std::string_view bytes) {
    transaction_->write(bytes);
    touched();
}

void call::finish() {
    transaction_->finish();
    touched();
}

void call::shut_down(std::string_view reason) {
    transaction_->shut_down(reason);
    touched();
}

void call::wake() {
    waiters_->in.ring();
    waiters_->room.ring();
}

void call::touched() {
    link_->state_->core.touch(*transaction_);
    link_->pump_soon();
}

}  // namespace crosstalk::net
