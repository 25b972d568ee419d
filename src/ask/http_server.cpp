// See http_server.hpp.
#include "ask/http_server.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <exception>

#include "ask/client_network.hpp"
#include "base/log.hpp"
#include "http/date.hpp"
#include "http/error.hpp"
#include "http/writer.hpp"
#include "net/proxied.hpp"

namespace crosstalk::ask {

using net::awaitable;
namespace asio = net::asio;

namespace {

/// Connections that are turned away at the same time; beyond that they are just closed.
constexpr std::size_t most_turned_away = 64;
constexpr base::milliseconds turning_away{2'000};

std::int64_t seconds_since_1970() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

/// What a client is told whose head could not be read; nothing when there is nobody to tell.
std::optional<page> refusal_page(const error_code& error, bool has_begun) {
    if (error == asio::error::timed_out) {
        if (!has_begun) return std::nullopt;
        return error_page(failure_of(refusal::too_slow), "");
    }
    const bool is_http = error.category() == http::make_error_code(http::errc::closed).category();
    if (!is_http || error == http::errc::closed || error == http::errc::truncated) return std::nullopt;
    return error_page(failure_of_unreadable(http::status_of(error)), "");
}

page crowded_page() { return error_page(failure_of(absence::crowded), ""); }

}  // namespace

awaitable<bool> send_page(net::http_stream& connection, page what) {
    const bool has_body = connection.has_body();
    if (has_body) connection.close_after_response();
    what.head.headers.add("Date", http::format_date(seconds_since_1970()));
    const auto written = co_await connection.start_response(what.head, what.body, true);
    if (!written) {
        connection.close();
        co_return false;
    }
    const bool goes_on = co_await connection.finish_request();
    if (!goes_on) co_await connection.linger();
    co_return goes_on;
}

http_server::http_server(net::executor ex, http_server_settings settings, answer_function answer)
    : ex_(ex), settings_(std::move(settings)), answer_(std::move(answer)), tasks_(ex), ended_(ex) {}

result<void> http_server::listen(const std::string& where, std::optional<net::tls_server_context> tls) {
    auto opened = net::listener::open(ex_, where);
    if (!opened) return opened.error();
    listen(*std::move(opened), std::move(tls));
    return {};
}

void http_server::listen(net::listener opened, std::optional<net::tls_server_context> tls) {
    entrances_.push_back({std::move(opened), std::move(tls)});
}

awaitable<void> http_server::run() {
    for (auto& each : entrances_) tasks_.spawn(accept_on(each));
    co_await tasks_.join();
}

awaitable<void> http_server::accept_on(entrance& from) {
    while (!is_draining_) {
        auto accepted = co_await from.listener.accept();
        if (!accepted) break;
        const auto client = accepted->remote_address();
        if (admitted_ < settings_.connections && count(client)) {
            tasks_.spawn(serve(*std::move(accepted), from));
        } else if (tasks_.size() < settings_.connections + most_turned_away) {
            tasks_.spawn(turn_away(*std::move(accepted), from, crowded_page()));
        }
    }
}

bool http_server::is_proxy(const std::string& client) const {
    return settings_.speaks_for_others && settings_.speaks_for_others(client);
}

bool http_server::count(const std::string& client) {
    const bool is_crowd = client.empty() || is_proxy(client);
    auto& connections = clients_[client_network(client)];
    if (!is_crowd && connections >= settings_.connections_per_client) return false;
    ++connections;
    return true;
}

void http_server::discount(const std::string& client) {
    if (const auto at = clients_.find(client_network(client)); --at->second == 0) clients_.erase(at);
}

struct http_server::admission {
    admission(http_server& by, std::string whose) : server(by), client(std::move(whose)) {
        ++server.admitted_;
    }
    admission(const admission&) = delete;
    ~admission() {
        --server.admitted_;
        server.discount(client);
        server.ended_.ring();
    }

    http_server& server;
    std::string client;
};

/// A connection that is to be closed, when it comes to that, before there is an http_connection of it.
struct http_server::arrival {
    arrival(http_server& by, net::byte_stream& stream)
        : server(by), place(by.arriving_.insert(by.arriving_.end(), &stream)) {}
    arrival(const arrival&) = delete;
    ~arrival() { server.arriving_.erase(place); }

    http_server& server;
    std::list<net::byte_stream*>::iterator place;
};

awaitable<result<void>> http_server::arrive(net::byte_stream& stream) {
    const arrival here(*this, stream);
    const auto met = co_await net::accept_proxied(stream);
    co_return met;
}

/// Lets a proxy say for whom it speaks, who then counts in its place; whether there may be requests.
awaitable<bool> http_server::meet(net::byte_stream& stream, std::string& client, const entrance& by) {
    const auto patience = is_draining_ ? net::http_connection::parting : settings_.connection.header;
    stream.read_deadline(base::clock::now() + patience);
    const auto met = co_await arrive(stream);
    stream.read_deadline(base::time_point::max());
    if (!met) {
        base::log(base::log_level::debug, "connection of a proxy ended before a request",
                  {{"proxy", client}, {"reason", met.error().message()}});
        if (met.error() != http::errc::bad_proxy_header || by.tls) co_return false;
        auto refused = error_page(failure_of_unreadable(http::status_of(met.error())), "");
        co_await turn_away(std::move(stream), by, std::move(refused));
        co_return false;
    }
    const auto named = stream.remote_address();
    if (!count(named)) {
        auto refused = crowded_page();
        co_await turn_away(std::move(stream), by, std::move(refused));
        co_return false;
    }
    discount(std::exchange(client, named));
    co_return true;
}

awaitable<void> http_server::turn_away(net::byte_stream stream, const entrance& by, page refused) {
    refused.head.headers.add("Connection", "close");
    std::string bytes;
    http::append_response_head(bytes, refused.head);
    bytes += refused.body;
    const auto deadline = base::clock::now() + turning_away;
    stream.write_deadline(deadline);
    stream.read_deadline(deadline);
    if (const auto tls = by.tls) {
        const auto secured = co_await stream.accept_tls(*tls);
        // In HTTP/2 it would take a session to say so.
        if (!secured || stream.protocol() == "h2") co_return;
    }
    const auto written = co_await stream.write(bytes);
    if (!written) co_return;
    stream.shutdown_send();
    // The request is read, so that the answer is not lost to a reset.
    std::array<char, 4096> dropped{};
    const auto space = asio::buffer(dropped);
    for (int reads = 0; reads < 16; ++reads) {
        const auto got = co_await stream.read_some(space);
        if (!got) break;
    }
}

awaitable<void> http_server::serve(net::byte_stream stream, const entrance& by) {
    admission admitted(*this, stream.remote_address());
    if (is_cut_) co_return;
    if (is_proxy(admitted.client)) {
        const bool is_met = co_await meet(stream, admitted.client, by);
        if (!is_met) co_return;
    }
    net::http_connection connection(ex_, std::move(stream), settings_.connection);
    const auto place = connections_.insert(connections_.end(), &connection);
    if (is_draining_) connection.drain();
    net::task_group reading(ex_);
    std::exception_ptr thrown;
    try {
        co_await converse(*place, by.tls, reading);
    } catch (...) {
        thrown = std::current_exception();
    }
    connection.close();
    co_await reading.join();
    connections_.erase(place);
    if (thrown) std::rethrow_exception(thrown);
}

awaitable<void> http_server::converse(open_connection& open, std::optional<net::tls_server_context> tls,
                                      net::task_group& reading) {
    auto& first = *std::get<net::http_connection*>(open);
    result<void> secured;
    if (tls) secured = co_await first.accept_tls(*tls);
    bool is_second = first.stream().protocol() == "h2";
    if (!is_second) reading.spawn(first.read_ahead());
    if (!tls && settings_.connection.streams > 0)
        is_second = co_await first.begins_with(http::http2_session::preface);
    if (is_second) {
        co_await serve_streams(open);
        co_return;
    }
    if (secured) {
        co_await serve_requests(first);
        co_return;
    }
    base::log(base::log_level::debug, "TLS handshake failed",
              {{"client", first.stream().remote_address()}, {"reason", secured.error().message()}});
    if (!net::is_plain_http(secured.error())) co_return;
    first.close_after_response();
    (void)co_await send_page(first, error_page(failure_of(refusal::not_encrypted), ""));
}

awaitable<void> http_server::serve_requests(net::http_connection& connection) {
    for (bool goes_on = true; goes_on;) {
        auto head = co_await connection.read_head();
        if (!head) {
            auto refused = refusal_page(head.error(), connection.has_begun());
            if (!refused) break;
            connection.close_after_response();
            goes_on = co_await send_page(connection, *std::move(refused));
            break;
        }
        if (is_draining_) connection.close_after_response();
        goes_on = co_await answer_(connection, *head);
    }
}

awaitable<void> http_server::serve_streams(open_connection& open) {
    auto& first = *std::get<net::http_connection*>(open);
    std::string begun;
    auto stream = co_await first.detach(begun);
    net::http2_connection second(ex_, std::move(stream), settings_.connection,
                                 [this](net::http_stream& s, result<http::request_head> head) {
                                     return serve_stream(s, std::move(head));
                                 });
    const struct returning {
        open_connection& open;
        net::http_connection& first;
        ~returning() { open = &first; }
    } at_exit{open, first};
    open = &second;
    if (is_draining_) second.drain();
    co_await second.run(std::move(begun));
}

awaitable<void> http_server::serve_stream(net::http_stream& stream, result<http::request_head> head) {
    if (head) {
        (void)co_await answer_(stream, *head);
        co_return;
    }
    auto refused = error_page(failure_of_unreadable(http::status_of(head.error())), "");
    (void)co_await send_page(stream, std::move(refused));
}

void http_server::use_certificates(const net::tls_server_context& tls) {
    for (auto& each : entrances_)
        if (each.tls) each.tls = tls;
}

void http_server::drain() {
    is_draining_ = true;
    for (auto& each : entrances_) each.listener.close();
    const auto parting = base::clock::now() + net::http_connection::parting;
    for (auto* each : arriving_) each->read_deadline(parting);
    for (auto& each : connections_) std::visit([](auto* c) { c->drain(); }, each);
}

void http_server::cut() {
    is_cut_ = true;
    drain();
    for (auto* each : arriving_) each->close();
    for (auto& each : connections_) std::visit([](auto* c) { c->cut(); }, each);
}

awaitable<bool> http_server::wait_until_empty(base::time_point deadline) {
    while (!connections_.empty() || !arriving_.empty()) {
        const bool rang = co_await ended_.wait(deadline);
        if (!rang && base::clock::now() >= deadline) co_return false;
    }
    co_return true;
}

}  // namespace crosstalk::ask
