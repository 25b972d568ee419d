// See xmpp_link.hpp.
//
// run() supervises: it starts one attempt after the other as a task of its group, and cancels and joins
// what is left of it. An attempt connects, starts the writer beside itself, and reads.
#include "net/xmpp_link.hpp"

#include <vector>

#include "base/ids.hpp"
#include "net/backoff.hpp"
#include "net/error.hpp"
#include "net/link_connect.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::net {
namespace {

constexpr std::size_t read_size = 64 * 1024;
constexpr std::size_t write_size = 64 * 1024;       // per deadline: a slow server may take its time
constexpr std::size_t kept_capacity = 1024 * 1024;  // of the write buffer, after a burst
constexpr std::chrono::seconds stop_limit{2};
constexpr std::chrono::seconds stable_after{30};  // online for so long, the backoff starts anew

enum class step { go_on, secure, over };

}  // namespace

struct xmpp_link::state {
    state(executor e, resolver& n, xmpp::session& s, link_settings set, link_events ev)
        : names(n),
          session(s),
          settings(std::move(set)),
          events(std::move(ev)),
          pause(settings.backoff_first, settings.backoff_most),
          tasks(e),
          changed(e),
          outgoing(e),
          drained(e) {}

    awaitable<result<void>> run();
    awaitable<void> until_over();
    awaitable<void> attempt();
    awaitable<void> serve();
    awaitable<bool> secure();
    awaitable<void> write_loop();
    awaitable<error_code> write_in_flight();
    awaitable<void> take_leave();

    step digest();
    void went_online(const xmpp::online& how);
    void clean_up();
    void report_offline();
    void ping();
    void tell_if_writable();
    void stop();
    result<void> send(std::string_view stanza);

    [[nodiscard]] base::time_point read_limit() const;
    [[nodiscard]] base::time_point write_limit() const;
    [[nodiscard]] bool has_unsent() const { return !session.output().empty() || is_writing; }
    [[nodiscard]] std::size_t queued() const {
        return session.output().size() + in_flight.size() - written;
    }

    resolver& names;
    xmpp::session& session;
    link_settings settings;
    link_events events;
    backoff pause;
    task_group tasks;
    bell changed;   ///< an attempt is over, or stop() was called
    bell outgoing;  ///< there is something to write
    bell drained;   ///< all is written, or cannot be

    byte_stream stream;
    link_failure failure;
    error_code write_error;
    std::string trouble;
    std::string in_flight;
    std::size_t written = 0;  ///< of in_flight
    base::time_point login_limit, last_heard, stop_at, online_since;
    std::chrono::milliseconds retry{0};
    bool is_running = false;   ///< an attempt is
    bool has_session = false;  ///< begun, and neither ended nor told of its loss
    bool is_securing = false;
    bool is_online = false;
    bool was_online = false;  ///< in this attempt
    bool was_ever_online = false;
    bool is_pinged = false;
    bool is_writing = false;
    bool was_full = false;
    bool is_stopping = false;
};

awaitable<result<void>> xmpp_link::state::run() {
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    result<void> end;
    while (!is_stopping) {
        failure = {};
        failure.domain = settings.domain;
        is_running = true;
        tasks.spawn(attempt());
        co_await until_over();
        tasks.cancel();
        co_await tasks.join();
        clean_up();
        if (is_stopping) break;
        trouble = describe(failure);
        if (settings.login_failure_is_final && is_final(failure, was_ever_online)) {
            end = failure.error;
            break;
        }
        report_offline();
        if (is_stopping) break;
        const auto again = base::clock::now() + retry;
        const bool rang = co_await changed.wait(again);
        (void)rang;
        const auto own = co_await asio::this_coro::cancellation_state;
        if (own.cancelled() != asio::cancellation_type::none) is_stopping = true;
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    co_return end;
}

awaitable<void> xmpp_link::state::until_over() {
    while (is_running) {
        const auto own = co_await asio::this_coro::cancellation_state;
        if (own.cancelled() != asio::cancellation_type::none) {
            is_stopping = true;
            co_return;
        }
        // Without a stream that can be closed in order there is nothing to wait for.
        if (is_stopping && (!has_session || is_securing || base::clock::now() >= stop_at)) co_return;
        const auto limit = is_stopping ? stop_at : base::time_point::max();
        const bool rang = co_await changed.wait(limit);
        (void)rang;
    }
}

void xmpp_link::state::clean_up() {
    if (has_session) session.lost();
    has_session = is_securing = is_online = is_pinged = is_writing = was_full = false;
    stream = byte_stream();
    in_flight.clear();
    written = 0;
}

void xmpp_link::state::report_offline() {
    const bool was_stable = was_online && base::clock::now() - online_since >= stable_after;
    // Whoever was displaced would displace the other one in turn: that must not go on fast.
    if (was_stable && failure.error != xmpp::errc::conflict) pause.reset();
    retry = pause.next(base::random_below);
    if (events.on_offline) events.on_offline(failure.error, trouble, retry);
}

awaitable<void> xmpp_link::state::attempt() {
    const struct ending {
        state& s;
        ~ending() {
            s.is_running = s.is_online = false;
            s.changed.ring();
        }
    } at_exit{*this};
    was_online = false;
    write_error = {};
    // What an exception would leave behind; everything else says more.
    failure.error = asio::error::connection_aborted;
    auto made = co_await connect_link(names, settings, failure);
    if (!made) {
        failure.error = made.error();
        co_return;
    }
    stream = std::move(made->stream);
    stream.quick_ack(settings.quick_ack);
    login_limit = base::clock::now() + settings.login_timeout;
    failure.at = link_failure::stage::login;
    has_session = true;
    session.begin(made->is_secure, stream.facts(), base::random_id() + base::random_id());
    tasks.spawn(write_loop());
    co_await serve();
}

awaitable<void> xmpp_link::state::serve() {
    std::vector<char> buffer(read_size);
    for (;;) {
        stream.read_deadline(read_limit());
        const auto got = co_await stream.read_some(asio::buffer(buffer));
        if (got) {
            is_pinged = false;
            last_heard = base::clock::now();
            session.receive(std::string_view(buffer.data(), *got));
        } else if (got.error() == asio::error::timed_out && is_online && !is_pinged && !is_stopping) {
            ping();
            continue;
        } else {
            failure.error = write_error ? write_error : got.error();
            if (failure.error == asio::error::timed_out)
                failure.error = is_online ? errc::half_open : errc::login_timed_out;
            co_return;
        }
        step next = digest();
        if (next == step::secure) {
            const bool is_secured = co_await secure();
            if (!is_secured) co_return;
            next = digest();
        }
        if (next == step::over) {
            co_await take_leave();
            co_return;
        }
    }
}

step xmpp_link::state::digest() {
    step next = step::go_on;
    while (auto event = session.poll()) {
        if (auto* stanza = std::get_if<xmpp::received>(&*event)) {
            if (events.on_stanza) events.on_stanza(std::move(stanza->stanza));
        } else if (const auto* how = std::get_if<xmpp::online>(&*event)) {
            went_online(*how);
        } else if (auto* end = std::get_if<xmpp::ended>(&*event)) {
            failure.error = end->error;
            failure.server_text = std::move(end->text);
            has_session = is_online = false;
            next = step::over;
        } else {
            next = step::secure;
        }
    }
    if (is_online && events.on_idle) events.on_idle();
    if (!session.output().empty()) outgoing.ring();
    return next;
}

void xmpp_link::state::went_online(const xmpp::online& how) {
    is_online = was_online = was_ever_online = true;
    online_since = base::clock::now();
    failure.at = link_failure::stage::online;
    trouble.clear();
    if (events.on_online) events.on_online(how);
}

awaitable<bool> xmpp_link::state::secure() {
    failure.at = link_failure::stage::tls;
    failure.error = errc::tls_not_configured;
    if (!settings.tls.ssl) co_return false;
    is_securing = true;
    while (has_unsent() && !write_error) {
        const bool rang = co_await drained.wait(login_limit);
        if (!rang) break;
    }
    stream.read_deadline(login_limit);
    stream.write_deadline(login_limit);
    const auto secured = co_await stream.start_tls(settings.tls, settings.domain);
    is_securing = false;
    if (!secured) {
        failure.error = secured.error();
        co_return false;
    }
    failure.at = link_failure::stage::login;
    session.secured(stream.facts());
    co_return true;
}

awaitable<void> xmpp_link::state::take_leave() {
    const auto limit = base::clock::now() + stop_limit;
    while (has_unsent() && !write_error) {
        const bool rang = co_await drained.wait(limit);
        if (!rang) break;
    }
    stream.shutdown_send();
    stream.close();
}

awaitable<void> xmpp_link::state::write_loop() {
    for (;;) {
        while (session.output().empty()) {
            drained.ring();
            const bool rang = co_await outgoing.wait(base::time_point::max());
            (void)rang;
        }
        is_writing = true;
        in_flight.swap(session.output());
        const error_code failed = co_await write_in_flight();
        write_error = failed;
        is_writing = false;
        if (write_error) {
            // The reader ends with it, and says why.
            stream.close();
            drained.ring();
            co_return;
        }
        if (in_flight.capacity() > kept_capacity) in_flight.shrink_to_fit();
    }
}

awaitable<error_code> xmpp_link::state::write_in_flight() {
    written = 0;
    while (written < in_flight.size()) {
        stream.write_deadline(write_limit());
        const auto piece = std::string_view(in_flight).substr(written, write_size);
        const auto done = co_await stream.write(piece);
        if (!done) co_return done.error();
        written += piece.size();
        tell_if_writable();
    }
    in_flight.clear();
    written = 0;
    co_return error_code();
}

void xmpp_link::state::tell_if_writable() {
    if (!was_full || queued() >= settings.queue_limit) return;
    was_full = false;
    if (is_online && events.on_writable) events.on_writable();
}

void xmpp_link::state::ping() {
    is_pinged = true;
    last_heard = base::clock::now();
    // A queue too full for a ping holds enough that the server would have to answer.
    if (session.send(settings.ping_stanza())) outgoing.ring();
}

base::time_point xmpp_link::state::read_limit() const {
    if (is_stopping) return stop_at;
    if (!is_online) return login_limit;
    if (!settings.ping_stanza) return base::time_point::max();
    return last_heard + (is_pinged ? settings.silence_limit : settings.silence);
}

base::time_point xmpp_link::state::write_limit() const {
    if (is_stopping) return stop_at;
    return is_online ? base::clock::now() + settings.silence + settings.silence_limit : login_limit;
}

void xmpp_link::state::stop() {
    if (is_stopping) return;
    is_stopping = true;
    stop_at = base::clock::now() + stop_limit;
    if (has_session && !is_securing) {
        session.close();
        outgoing.ring();
        stream.read_deadline(stop_at);
        stream.write_deadline(stop_at);
    }
    changed.ring();
}

result<void> xmpp_link::state::send(std::string_view stanza) {
    if (!is_online || is_stopping) return make_error_code(xmpp::errc::not_online);
    if (queued() > 2 * settings.queue_limit) return make_error_code(xmpp::errc::too_many_queued);
    auto sent = session.send(stanza);
    if (!sent) return sent;
    was_full = was_full || queued() >= settings.queue_limit;
    outgoing.ring();
    return sent;
}

xmpp_link::xmpp_link(executor ex, resolver& names, xmpp::session& session, link_settings settings,
                     link_events events)
    : state_(std::make_unique<state>(std::move(ex), names, session, std::move(settings),
                                     std::move(events))) {}

xmpp_link::~xmpp_link() = default;

awaitable<result<void>> xmpp_link::run() { return state_->run(); }

void xmpp_link::stop() { state_->stop(); }

bool xmpp_link::is_online() const noexcept { return state_->is_online; }

bool xmpp_link::may_send() const noexcept {
    return state_->is_online && !state_->is_stopping && state_->queued() < state_->settings.queue_limit;
}

result<void> xmpp_link::send(std::string_view stanza) { return state_->send(stanza); }

result<void> xmpp_link::send(const xmpp::element& stanza) {
    // The stream declares the namespace of its stanzas: inside it is not repeated.
    return state_->send(stanza.to_xml(stanza.ns()));
}

const std::string& xmpp_link::trouble() const noexcept { return state_->trouble; }

}  // namespace crosstalk::net
