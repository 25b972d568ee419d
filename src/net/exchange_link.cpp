// See exchange_link.hpp. The exchange decides, this file waits, wakes and sends.
#include "net/exchange_link.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::net {

struct exchange_link::state {
    state(executor e, xmpp_link& l, talk::exchange_settings settings)
        : ex(std::move(e)), link(l), core(std::move(settings)), timer(ex) {}

    executor ex;
    xmpp_link& link;
    talk::exchange core;
    std::shared_ptr<carriage> self;  ///< the exchange_link, which outlives its calls
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
    state_->self = std::shared_ptr<carriage>(std::shared_ptr<void>(), this);
}

exchange_link::~exchange_link() { state_->timer.cancel(); }

call exchange_link::open(std::string jid, cgi::environ_map request, bool body_follows) {
    talk::transaction& t =
        state_->core.open(jid, base::random_id(), std::move(request), body_follows, base::clock::now());
    call c(state_->self, &t);
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

void exchange_link::on_offline(const error_code& why) {
    state_->core.offline(base::clock::now(), why == xmpp::errc::policy_violation);
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
    hand_out();
    state_->send_what_may_go();
    hand_out();
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

void exchange_link::hand_out() { hand_out_events(state_->core, state_->self, on_request); }

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

// What calls ask for

const executor& exchange_link::get_executor() const noexcept { return state_->ex; }

void exchange_link::attach(talk::transaction& t, void* waiters) { state_->core.attach(t, waiters); }

void exchange_link::touch(talk::transaction& t) {
    state_->core.touch(t);
    pump_soon();
}

void exchange_link::release(talk::transaction& t) {
    state_->core.release(t);
    pump_soon();
}

}  // namespace crosstalk::net
