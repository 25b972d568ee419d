// See exchange_link.hpp. The exchange decides, this file waits, wakes and sends.
#include "net/exchange_link.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/ids.hpp"
#include "base/log.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::net {

template <class Core>
struct stanza_link<Core>::state {
    state(executor e, xmpp_link& l, settings_type settings)
        : ex(std::move(e)), link(l), core(std::move(settings)), timer(ex) {}

    executor ex;
    xmpp_link& link;
    Core core;
    std::shared_ptr<carriage> self;  ///< the stanza_link, which outlives its calls
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

template <class Core>
stanza_link<Core>::stanza_link(executor ex, xmpp_link& link, settings_type settings) {
    settings.id_prefix = base::random_id() + '-';
    state_ = std::make_shared<state>(std::move(ex), link, std::move(settings));
    state_->self = std::shared_ptr<carriage>(std::shared_ptr<void>(), this);
}

template <class Core>
stanza_link<Core>::~stanza_link() {
    state_->timer.cancel();
}

template <class Core>
call stanza_link<Core>::open(std::string jid, cgi::environ_map request, bool body_follows) {
    talk::transaction& t =
        state_->core.open(jid, base::random_id(), std::move(request), body_follows, base::clock::now());
    call c(state_->self, &t);
    pump_soon();
    return c;
}

template <class Core>
bool stanza_link<Core>::receive(const xmpp::element& stanza) {
    return state_->core.receive(stanza, base::clock::now());
}

template <class Core>
void stanza_link<Core>::on_online(const xmpp::online& how) {
    state_->core.online(how.resumed, base::clock::now());
    pump();
}

template <class Core>
void stanza_link<Core>::on_offline(const error_code& why) {
    state_->core.offline(base::clock::now(), why == xmpp::errc::policy_violation);
    pump();
}

template <class Core>
void stanza_link<Core>::on_idle() {
    pump();
}

template <class Core>
void stanza_link<Core>::unavailable(const std::string& full_jid) {
    state_->core.unavailable(full_jid);
    pump_soon();
}

template <class Core>
void stanza_link<Core>::available(const std::string& full_jid) {
    state_->core.heard(full_jid, base::clock::now());
}

template <class Core>
bool stanza_link<Core>::is_responsive(const std::string& full_jid) const {
    return state_->core.is_responsive(full_jid);
}
template <class Core>
std::size_t stanza_link<Core>::open_count() const noexcept {
    return state_->core.open_count();
}
template <class Core>
std::size_t stanza_link<Core>::open_count(const std::string& full_jid) const noexcept {
    return state_->core.open_count(full_jid);
}

template <class Core>
void stanza_link<Core>::pump() {
    hand_out();
    state_->send_what_may_go();
    hand_out();
    arm_timer();
}

// What several coroutines do in one turn of the loop goes out together.
template <class Core>
void stanza_link<Core>::pump_soon() {
    if (std::exchange(state_->is_pump_posted, true)) return;
    asio::post(state_->ex, [this, alive = std::weak_ptr<state>(state_)] {
        const auto s = alive.lock();
        if (!s) return;
        s->is_pump_posted = false;
        pump();
    });
}

template <class Core>
void stanza_link<Core>::hand_out() {
    hand_out_events(state_->core, state_->self, on_request);
}

template <class Core>
void stanza_link<Core>::arm_timer() {
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

template <class Core>
const executor& stanza_link<Core>::get_executor() const noexcept {
    return state_->ex;
}

template <class Core>
void stanza_link<Core>::attach(talk::transaction& t, void* waiters) {
    state_->core.attach(t, waiters);
}

template <class Core>
void stanza_link<Core>::touch(talk::transaction& t) {
    state_->core.touch(t);
    pump_soon();
}

template <class Core>
void stanza_link<Core>::release(talk::transaction& t) {
    state_->core.release(t);
    pump_soon();
}

template class stanza_link<talk::exchange>;
template class stanza_link<talk::chat_exchange>;
template class stanza_link<talk::http_exchange>;

}  // namespace crosstalk::net
