// The peer's stream and life: it logs in, meets its gateways, and stops in order when it is told to.
#include "peer/peer.hpp"

#include <sys/resource.h>

#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <tuple>

#include "base/ids.hpp"
#include "net/exchange_link.hpp"
#include "peer/direct_streams.hpp"
#include "peer/gateway_contacts.hpp"
#include "peer/login.hpp"
#include "peer/request_desk.hpp"
#include "xmpp/client_session.hpp"
#include "xmpp/services.hpp"

namespace crosstalk::peer {
namespace {

using namespace std::chrono_literals;
namespace asio = net::asio;

constexpr auto drain_time = 500ms;  ///< so that whoever still waits is told within a second
constexpr int exit_stopped = 0, exit_usage = 1, exit_login = 2, exit_refused = 3;

/// Each transaction may hold a file or a connection: as many as the system lets us.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

class publisher {
  public:
    publisher(net::executor ex, settings s, xmpp::jid self, net::tls_client_context tls,
              std::optional<folder> files);

    [[nodiscard]] net::awaitable<void> run();
    [[nodiscard]] int status() const noexcept { return status_; }

  private:
    [[nodiscard]] net::link_settings make_link_settings(net::tls_client_context tls);
    [[nodiscard]] net::link_events make_link_events();
    [[nodiscard]] direct_surroundings make_surroundings(const net::tls_client_context& tls);
    [[nodiscard]] std::unique_ptr<reverse_proxy> make_proxy(const net::tls_client_context& tls);
    [[nodiscard]] xmpp::element make_server_ping(std::string_view id) const;

    void on_online(const xmpp::online& how);
    void on_offline(error_code error, const std::string& text, base::milliseconds retry);
    void on_stanza(const xmpp::element& stanza);
    void on_idle();
    [[nodiscard]] std::size_t open_count() const;
    void settle();
    void on_presence(const xmpp::element& stanza);
    void refuse_stranger(const xmpp::element& stanza);
    void flush();
    void tell(const contact_event& event);
    void arm_timer();
    void wait_for_signal();
    [[nodiscard]] net::awaitable<void> stop();
    void begin_stop();

    net::executor ex_;
    settings settings_;
    xmpp::jid self_;
    xmpp::self_description description_ = describe_self();
    base::time_point began_ = base::clock::now();
    net::resolver names_;
    xmpp::client_session session_;
    gateway_contacts contacts_;
    net::xmpp_link link_;
    net::exchange_link exchange_;
    net::http_link http_;  ///< for gateways that speak XEP-0332
    net::in_band_group in_band_;
    request_desk desk_;
    direct_streams directs_;
    net::task_group tasks_;
    asio::steady_timer timer_;
    asio::signal_set signals_;
    bool is_settling_ = false;  ///< resumed, and the server has not answered the ping since
    std::string settling_;      ///< that ping's id, once it could be sent
    bool was_offline_ = false;
    bool has_acknowledgement_due_ = false;
    bool is_stopping_ = false;
    int status_ = exit_stopped;
};

publisher::publisher(net::executor ex, settings s, xmpp::jid self, net::tls_client_context tls,
                     std::optional<folder> files)
    : ex_(ex),
      settings_(std::move(s)),
      self_(std::move(self)),
      names_(ex, settings_.dns_servers),
      session_(make_client_settings(settings_, self_)),
      contacts_(make_contact_settings(settings_, self_, description_)),
      link_(ex, names_, session_, make_link_settings(tls), make_link_events()),
      exchange_(ex, link_, make_exchange_settings(settings_)),
      http_(ex, link_, make_http_settings(settings_, self_)),
      in_band_({&exchange_, &http_}),
      desk_(ex, std::move(files), make_proxy(tls), settings_.gateways, settings_.transactions),
      directs_(settings_, make_surroundings(tls)),
      tasks_(ex),
      timer_(ex),
      signals_(ex, SIGTERM, SIGINT) {
    exchange_.on_request = http_.on_request = [this](net::call visitor) {
        has_acknowledgement_due_ = true;
        if (settings_.direct == direct_use::required) return desk_.refuse_in_band(std::move(visitor));
        desk_.receive(std::move(visitor));
    };
}

direct_surroundings publisher::make_surroundings(const net::tls_client_context& tls) {
    return {ex_,
            names_,
            tls,
            self_.domain(),
            [this](const xmpp::element& stanza) { return link_.send(stanza).has_value(); },
            [this](net::call visitor) { desk_.receive_at_once(std::move(visitor)); }};
}

net::link_settings publisher::make_link_settings(net::tls_client_context tls) {
    net::link_settings out;
    out.server_host = settings_.server_host;
    out.server_port = settings_.server_port;
    out.domain = self_.domain();
    out.direct_tls = settings_.direct_tls;
    out.tls = std::move(tls);
    out.ping_stanza = [this] { return make_server_ping(base::random_id()).to_xml(); };
    out.login_failure_is_final = true;
    out.quick_ack = true;
    return out;
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

std::unique_ptr<reverse_proxy> publisher::make_proxy(const net::tls_client_context& tls) {
    if (!settings_.http) return nullptr;
    return std::make_unique<reverse_proxy>(ex_, names_, *settings_.http, tls);
}

xmpp::element publisher::make_server_ping(std::string_view id) const {
    auto iq = xmpp::make_iq(xmpp::iq_type::get, id, self_.domain());
    iq.add({"ping", std::string{xmpp::ns::ping}});
    return iq;
}

net::awaitable<void> publisher::run() {
    wait_for_signal();
    directs_.start(tasks_);
    const auto ended = co_await link_.run();
    is_stopping_ = true;
    if (ended.has_error()) {
        status_ = exit_login;
        const bool is_password = ended.error() == xmpp::errc::not_authorized;
        say(link_.trouble() + (is_password ? " The account is " + self_.bare() +
                                                 "; its password comes from --password-file or "
                                                 "CROSSTALK_PASSWORD."
                                           : ""));
    }
    signals_.cancel();
    timer_.cancel();
    directs_.stop();
    desk_.cut();
    co_await desk_.join();
    co_await tasks_.join();
}

void publisher::wait_for_signal() {
    signals_.async_wait([this](error_code error, int) {
        if (error) return;
        // From now on the signals have their usual meaning: whoever is in a hurry asks twice.
        signals_.clear();
        begin_stop();
    });
}

void publisher::begin_stop() {
    if (std::exchange(is_stopping_, true)) return;
    tasks_.spawn(stop());
}

/// What runs may come to its end first: once we say that we are away, gateways drop it.
net::awaitable<void> publisher::stop() {
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
    if (std::exchange(was_offline_, false)) say("connected again");
    settling_.clear();
    is_settling_ = how.resumed;
    if (is_settling_) {
        // What the server sends again now may long be over: its word for that comes before the pong.
        desk_.hold();
        settle();
    } else {
        desk_.release();
    }
    contacts_.online(how.resumed, base::clock::now());
    flush();
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
    directs_.offline();
    flush();
    if (is_stopping_) return;
    say(printable(text) + " Trying again in " + std::to_string((retry.count() + 999) / 1000) + " s.");
}

void publisher::on_stanza(const xmpp::element& stanza) {
    const bool is_stranger = stanza.child("req", xmpp::ns::http) != nullptr &&
                             xmpp::is_request(stanza) && !desk_.is_gateway(stanza.attr("from"));
    if (is_stranger) return refuse_stranger(stanza);
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
    if (contacts_.receive(stanza, base::clock::now())) return flush();
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

void publisher::refuse_stranger(const xmpp::element& stanza) {
    const xmpp::stanza_error why(
        xmpp::condition::forbidden,
        "This site answers only through the gateways that it is published on.");
    std::ignore = link_.send(xmpp::make_error(stanza, why));
}

void publisher::on_idle() {
    in_band_.on_idle();
    // A request that the server does not know to be here would come again after a resumption.
    if (std::exchange(has_acknowledgement_due_, false)) session_.acknowledge();
}

/// Sends and tells what the contacts have to say.
void publisher::flush() {
    while (const auto stanza = contacts_.next_stanza()) {
        if (link_.send(*stanza).has_error()) break;
    }
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
    const std::string gateway = "the gateway " + printable(event.gateway);
    switch (event.what) {
        case contact_event::kind::site_up:
            for (const auto& url : event.urls) std::printf("%s\n", url.c_str());
            std::fflush(stdout);
            directs_.meet(event.gateway);
            break;
        case contact_event::kind::refused: {
            const std::string name = settings_.name.empty() ? "NAME" : settings_.name;
            say(gateway + " has no site " + (settings_.name.empty() ? "" : settings_.name + ' ') +
                "for " + self_.bare() + ". Its operator has to run: crosstalk site add " + name + ' ' +
                self_.bare() + (event.text.empty() ? "" : "\nThere it has these: " + event.text));
            status_ = exit_refused;
            begin_stop();
            break;
        }
        case contact_event::kind::unreachable:
            say(gateway + " cannot be reached: " + printable(event.text) +
                ". Trying again until it can. Check --gateway if this lasts.");
            break;
        case contact_event::kind::back:
            say(gateway + " is back");
            directs_.meet(event.gateway);
            break;
    }
}

}  // namespace

int run(settings start) {
    raise_descriptor_limit();
    std::signal(SIGPIPE, SIG_IGN);
    auto self = xmpp::jid::parse(start.jid);
    if (self.has_error()) {
        say("--jid " + printable(start.jid) + " is not an address: " + self.error().message());
        return exit_usage;
    }
    std::optional<folder> files;
    if (start.folder) {
        auto found = folder::open(*start.folder);
        if (found.has_error()) {
            say("cannot publish " + start.folder->path + ": " + found.error().message() +
                ". Name a folder that this user may read.");
            return exit_usage;
        }
        files = std::move(*found);
    }
    if (self->is_bare()) self = xmpp::jid::parse(self->bare() + '/' + stable_resource(start));
    auto tls = net::make_tls_client_context(start.ca_file);
    if (tls.has_error()) {
        say("cannot use the certificates of " + (start.ca_file.empty() ? "the system" : start.ca_file) +
            ": " + tls.error().message() + ". Check --ca-file.");
        return exit_usage;
    }

    asio::io_context io{1};
    publisher p(io.get_executor(), std::move(start), std::move(*self), std::move(*tls),
                std::move(files));
    // Timers that only remember things do not keep a peer alive that has stopped.
    asio::co_spawn(io, p.run(), [&io](const std::exception_ptr& failed) {
        io.stop();
        if (failed) std::rethrow_exception(failed);
    });
    io.run();
    return p.status();
}

}  // namespace crosstalk::peer
