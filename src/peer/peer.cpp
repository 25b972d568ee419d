// See peer.hpp.
#include "peer/peer.hpp"

#include <tuple>

#include "base/console.hpp"
#include "base/ids.hpp"
#include "peer/admission.hpp"
#include "peer/contact_report.hpp"
#include "talk/peer_uri.hpp"

namespace crosstalk::peer {
namespace {

using namespace std::chrono_literals;
namespace asio = net::asio;

constexpr auto drain_time = 500ms;  ///< so that whoever still waits is told within a second

}  // namespace

publisher::publisher(net::executor ex, net::resolver& names, settings s, xmpp::jid self,
                     net::tls_client_context tls, offering what, publisher_events events)
    : ex_(ex),
      settings_(std::move(s)),
      events_(std::move(events)),
      self_(std::move(self)),
      session_(make_client_settings(settings_, self_)),
      roster_(self_.bare(), base::random_id() + '-'),
      guests_(settings_.guests, self_.bare(), roster_),
      door_(guests_, make_presence(settings_, description_)),
      contacts_(make_contact_settings(settings_, description_)),
      link_(ex, names, session_, net::link_settings_of(settings_, self_.domain(), tls),
            make_link_events()),
      exchange_(ex, link_, make_exchange_settings(settings_)),
      chat_(ex, link_, make_chat_settings(settings_)),
      http_(ex, link_, make_http_settings(settings_, self_)),
      in_band_({&exchange_, &http_, &chat_}),
      desk_(ex, std::move(what), settings_, guests_),
      directs_(settings_, make_surroundings(names, tls)),
      tasks_(ex),
      timer_(ex) {
    desk_.on_lines = events_.on_requests;
    exchange_.on_request = http_.on_request = chat_.on_request = [this](net::call visitor) {
        has_acknowledgement_due_ = true;
        desk_.receive(std::move(visitor));
    };
    if (settings_.direct == direct_use::required) desk_.refuse_in_band();
}

direct_surroundings publisher::make_surroundings(net::resolver& names,
                                                 const net::tls_client_context& tls) {
    return {ex_,
            names,
            tls,
            self_.domain(),
            [this](const xmpp::element& stanza) { return link_.send(stanza).has_value(); },
            [this](net::call visitor) { desk_.receive_at_once(std::move(visitor)); },
            events_.on_news};
}

net::link_events publisher::make_link_events() {
    net::link_events events;
    events.on_online = [this](const xmpp::online& how) { on_online(how); };
    events.on_stanza = [this](xmpp::element&& stanza) { on_stanza(stanza); };
    events.on_offline = [this](error_code error, const std::string& text, base::milliseconds retry) {
        on_offline(error, text, retry);
    };
    events.on_idle = [this] { on_idle(); };
    events.on_writable = [this] {
        settle();
        in_band_.on_idle();
    };
    return events;
}

xmpp::element publisher::make_server_ping(std::string_view id) const {
    auto iq = xmpp::make_iq(xmpp::iq_type::get, id, self_.domain());
    iq.add({"ping", std::string{xmpp::ns::ping}});
    return iq;
}

net::awaitable<ending> publisher::run() {
    directs_.start(tasks_);
    const auto ended = co_await link_.run();
    is_stopping_ = true;
    if (ended.has_error()) {
        ending_.what = ending::kind::login_failed;
        ending_.error = ended.error();
        ending_.text = link_.trouble();
    }
    timer_.cancel();
    directs_.stop();
    desk_.cut();
    co_await desk_.join();
    co_await tasks_.join();
    co_return std::move(ending_);
}

void publisher::stop() {
    if (std::exchange(is_stopping_, true)) return;
    tasks_.spawn(wind_down());
}

/// What runs may come to its end first: once we say that we are away, gateways drop it.
net::awaitable<void> publisher::wind_down() {
    desk_.refuse_new();
    const auto limit = base::clock::now() + drain_time;
    asio::steady_timer pause(ex_);
    while (link_.is_online() && open_count() > 0 && base::clock::now() < limit) {
        pause.expires_after(20ms);
        co_await pause.async_wait(net::as_values);
    }
    // Their last bytes are with the gateway before it hears that we are away.
    directs_.stop();
    while (!directs_.is_over() && base::clock::now() < limit) {
        pause.expires_after(5ms);
        co_await pause.async_wait(net::as_values);
    }
    if (link_.is_online()) contacts_.leave();
    flush();
    link_.stop();
}

void publisher::on_online(const xmpp::online& how) {
    in_band_.on_online(how);
    if (std::exchange(was_offline_, false)) events_.on_news("connected again");
    settling_.clear();
    is_settling_ = how.resumed;
    if (is_settling_) {
        // What the server sends again now may long be over: its word for that comes before the pong.
        desk_.hold();
        settle();
    } else {
        desk_.release();
    }
    if (!how.resumed) {
        roster_.log_in();
        door_.offline();
    }
    contacts_.online(how.resumed, base::clock::now());
    flush();
    tell_address();
    directs_.online();
}

std::size_t publisher::open_count() const {
    return desk_.size() + in_band_.open_count() + directs_.open_count();
}

/// Asks the server for the pong that ends the wait; again when there is room, if there is none now.
void publisher::settle() {
    if (!is_settling_ || !settling_.empty()) return;
    auto id = base::random_id();
    if (link_.send(make_server_ping(id)).has_value()) settling_ = std::move(id);
}

void publisher::on_offline(error_code error, const std::string& text, base::milliseconds retry) {
    was_offline_ = true;
    in_band_.on_offline(error);
    contacts_.offline();
    roster_.offline();
    directs_.offline();
    flush();
    if (is_stopping_) return;
    events_.on_news(base::printable(text) + " Trying again in " +
                    std::to_string((retry.count() + 999) / 1000) + " s.");
}

void publisher::on_stanza(const xmpp::element& stanza) {
    if (in_band_.receive(stanza)) return;
    if (directs_.receive(stanza)) return;
    const bool is_pong = !settling_.empty() && stanza.attr("id") == settling_ &&
                         xmpp::is_response(stanza) && stanza.attr("from") == self_.domain();
    if (is_pong) {
        settling_.clear();
        is_settling_ = false;
        // Requests that came before the pong are on its desk, not still with
        // their carriage.
        in_band_.on_idle();
        desk_.release();
        return;
    }
    if (xmpp::is_presence(stanza)) on_presence(stanza);
    if (roster_.receive(stanza)) return on_roster();
    if (contacts_.receive(stanza, base::clock::now())) return flush();
    if (door_.receive(stanza)) return flush();
    if (const auto answer = answer_admission(stanza, settings_.gateways, roster_)) {
        std::ignore = link_.send(*answer);
        return;
    }
    const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(base::clock::now() - began_);
    const xmpp::moment when{std::chrono::system_clock::now(), uptime};
    const auto reply = xmpp::answer(stanza, description_, when);
    // A queue too full for a reply: whoever asked will ask again.
    if (reply) std::ignore = link_.send(*reply);
}

void publisher::on_presence(const xmpp::element& stanza) {
    const auto presence = xmpp::read_presence(stanza);
    if (!presence) return;
    if (presence->type == xmpp::presence_type::unavailable) in_band_.unavailable(presence->from);
    if (presence->type != xmpp::presence_type::available) return;
    in_band_.available(presence->from);
    directs_.see(presence->from);
}

void publisher::on_roster() {
    if (roster_.take_loaded()) {
        contacts_.complete(roster_);
        door_.decide_waiting();
    }
    flush();
}

/// Where no gateway makes an address, the account's own is one for other peers.
void publisher::tell_address() {
    if (!settings_.gateways.empty() || std::exchange(has_told_address_, true)) return;
    events_.on_site(talk::to_uri(self_.bare()));
}

void publisher::on_idle() {
    in_band_.on_idle();
    // A request that the server does not know to be here would come again after a resumption.
    if (std::exchange(has_acknowledgement_due_, false)) session_.acknowledge();
}

template <class Core>
void publisher::send_from(Core& core) {
    while (const auto stanza = core.next_stanza()) {
        if (link_.send(*stanza).has_error()) break;
    }
}

/// Sends and tells what the contacts have to say.
void publisher::flush() {
    send_from(roster_);
    send_from(contacts_);
    send_from(door_);
    while (const auto event = contacts_.poll()) tell(*event);
    arm_timer();
}

void publisher::arm_timer() {
    const auto when = contacts_.deadline();
    if (!when || is_stopping_) return;
    timer_.expires_at(*when);
    timer_.async_wait([this](error_code error) {
        if (error) return;
        contacts_.expire(base::clock::now());
        flush();
    });
}

void publisher::tell(const contact_event& event) {
    if (event.what == contact_event::kind::site_up) {
        for (const auto& url : event.urls) events_.on_site(url);
    } else {
        events_.on_news(describe(event, settings_.name, self_.bare()));
    }
    if (event.what == contact_event::kind::refused) {
        ending_.what = ending::kind::refused;
        return stop();
    }
    const bool is_there = event.what == contact_event::kind::site_up || event.what == contact_event::kind::back;
    if (is_there) directs_.meet(event.gateway);
}

}  // namespace crosstalk::peer
