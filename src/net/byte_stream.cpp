// See byte_stream.hpp.
#include "net/byte_stream.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstring>

#include "net/at_once.hpp"
#include "net/buffer_run.hpp"
#include "net/deadline.hpp"
#include "net/stream_socket.hpp"
#include "net/tls_engine.hpp"

namespace crosstalk::net {
namespace {

constexpr std::size_t record_size = tls_engine::record_size;
/// More than TLS adds to any record.
constexpr std::size_t record_overhead = 64;
/// As much as is written at once, what frames it included, goes into one system call.
constexpr std::size_t sealed_at_once = 5 * record_size;
/// What reading makes the engine say (answers to key updates, alerts) and nobody takes.
constexpr std::size_t unsent_most = 16 * 1024;

struct ip_end {
    std::string address;
    std::uint16_t port = 0;
};

ip_end ip_end_of(const asio::generic::stream_protocol::endpoint& end) {
    if (end.protocol().family() == AF_INET) {
        sockaddr_in raw{};
        std::memcpy(&raw, end.data(), sizeof raw);
        return {asio::ip::address_v4(ntohl(raw.sin_addr.s_addr)).to_string(), ntohs(raw.sin_port)};
    }
    if (end.protocol().family() == AF_INET6) {
        sockaddr_in6 raw{};
        std::memcpy(&raw, end.data(), sizeof raw);
        asio::ip::address_v6::bytes_type bytes{};
        std::memcpy(bytes.data(), &raw.sin6_addr, bytes.size());
        const asio::ip::address_v6 address(bytes);
        if (!address.is_v4_mapped()) return {address.to_string(), ntohs(raw.sin6_port)};
        return {asio::ip::make_address_v4(asio::ip::v4_mapped, address).to_string(),
                ntohs(raw.sin6_port)};
    }
    return {};
}

/// Seals up to sealed_at_once bytes; small buffers are joined, so that records are full.
result<void> seal(tls_engine& tls, buffer_run& left) {
    const std::size_t here = std::min(left.size(), sealed_at_once);
    tls.output().reserve(tls.output().size() + here + (here / record_size + 2) * record_overhead);
    std::array<char, record_size> record;
    for (std::size_t total = 0; total < sealed_at_once && !left.is_empty();) {
        std::size_t size = std::min(left.front().size(), record.size());
        std::string_view piece = left.front().substr(0, size);
        if (size < record.size() && !left.is_last()) {
            for (size = 0; size < record.size() && !left.is_empty();) {
                const std::size_t step = left.front().copy(record.data() + size, record.size() - size);
                left.consume(step);
                size += step;
            }
            piece = {record.data(), size};
        } else {
            left.consume(size);
        }
        if (auto sealed = tls.write(piece); !sealed) return sealed;
        total += size;
    }
    return {};
}

}  // namespace

struct byte_stream::state {
    explicit state(stream_socket s)
        : socket(std::move(s)), reading(socket.get_executor()), writing(socket.get_executor()) {}

    awaitable<result<std::size_t>> read_plain(asio::mutable_buffer buffer);
    awaitable<result<void>> wait_readable();
    awaitable<result<std::size_t>> read_sealed(asio::mutable_buffer buffer);
    awaitable<result<void>> write_plain(buffer_run left);
    awaitable<result<void>> write_sealed(buffer_run left);
    awaitable<result<void>> write_output();
    awaitable<result<void>> handshake();
    std::size_t send_at_once(std::string_view bytes);
    [[nodiscard]] bool flush_at_once();
    void acknowledge();

    stream_socket socket;
    deadline reading, writing;
    std::unique_ptr<tls_engine> tls;
    ip_end local, remote;
    std::string given_back;
    bool is_tcp = false;
    bool acknowledges_at_once = false;
    bool is_writing = false;
    bool is_readable = false;  ///< the socket has said so, and nothing has been read since
};

awaitable<result<std::size_t>> byte_stream::state::read_plain(asio::mutable_buffer buffer) {
    if (!given_back.empty()) {
        const auto size = given_back.copy(static_cast<char*>(buffer.data()), buffer.size());
        given_back.erase(0, size);
        co_return size;
    }
    if (std::exchange(is_readable, false)) {
        const auto got = receive_at_once(socket.native_handle(), buffer);
        if (got && *got && acknowledges_at_once) acknowledge();
        if (got) co_return *got;
    }
    const auto parent = co_await asio::this_coro::cancellation_state;
    const deadline::watch watch(reading, parent);
    if (watch.has_passed()) co_return error_code(asio::error::timed_out);
    auto token = asio::bind_cancellation_slot(watch.slot(), as_values);
    const auto [ec, size] = co_await socket.async_read_some(buffer, std::move(token));
    if (ec) co_return watch.outcome(ec);
    if (acknowledges_at_once) acknowledge();
    co_return size;
}

awaitable<result<void>> byte_stream::state::wait_readable() {
    if (!given_back.empty()) co_return result<void>();
    const auto parent = co_await asio::this_coro::cancellation_state;
    const deadline::watch watch(reading, parent);
    if (watch.has_passed()) co_return error_code(asio::error::timed_out);
    auto token = asio::bind_cancellation_slot(watch.slot(), as_values);
    const auto [ec] = co_await socket.async_wait(stream_socket::wait_read, std::move(token));
    if (ec) co_return watch.outcome(ec);
    is_readable = true;
    co_return result<void>();
}

awaitable<result<std::size_t>> byte_stream::state::read_sealed(asio::mutable_buffer buffer) {
    while (true) {
        if (tls->has_input()) {
            const auto plain = tls->read(buffer.data(), buffer.size());
            if (!flush_at_once()) co_return error_code(asio::error::no_buffer_space);
            if (!plain || *plain > 0) co_return plain;
        }
        const auto space = tls->input_space();
        const auto got = co_await read_plain(asio::buffer(space.data(), space.size()));
        if (!got) co_return got;
        tls->fed(*got);
    }
}

awaitable<result<void>> byte_stream::state::write_plain(buffer_run left) {
    while (!left.is_empty()) {
        if (writing.has_passed()) co_return error_code(asio::error::timed_out);
        if (const auto taken = net::send_at_once(socket.native_handle(), left)) {
            if (!*taken) co_return taken->error();
            left.consume(**taken);
            continue;
        }
        const auto parent = co_await asio::this_coro::cancellation_state;
        const deadline::watch watch(writing, parent);
        if (watch.has_passed()) co_return error_code(asio::error::timed_out);
        auto token = asio::bind_cancellation_slot(watch.slot(), as_values);
        const auto [ec] = co_await socket.async_wait(stream_socket::wait_write, std::move(token));
        if (ec) co_return watch.outcome(ec);
    }
    co_return result<void>();
}

awaitable<result<void>> byte_stream::state::write_output() {
    // Reading may add to the engine's output meanwhile, so it is taken out before it is written.
    const std::string sealed = std::exchange(tls->output(), {});
    const asio::const_buffer whole = asio::buffer(sealed);
    const buffer_run run(std::span(&whole, 1));
    const auto written = co_await write_plain(run);
    co_return written;
}

awaitable<result<void>> byte_stream::state::write_sealed(buffer_run left) {
    while (!left.is_empty()) {
        const auto ready = seal(*tls, left);
        if (!ready) co_return ready;
        const auto written = co_await write_output();
        if (!written) co_return written;
    }
    co_return result<void>();
}

awaitable<result<void>> byte_stream::state::handshake() {
    for (;;) {
        const auto done = tls->handshake();
        const auto written = co_await write_output();
        if (!done) co_return done.error();
        if (!written || *done == tls_engine::progress::done) co_return written;
        const auto space = tls->input_space();
        const auto got = co_await read_plain(asio::buffer(space.data(), space.size()));
        if (!got) co_return got.error();
        tls->fed(*got);
    }
}

/// How much of `bytes` fits into the socket's buffer now.
std::size_t byte_stream::state::send_at_once(std::string_view bytes) {
    const auto sent =
        ::send(socket.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

/// Sends what reading has made the engine say, unless a write will; whether it stays within bounds.
bool byte_stream::state::flush_at_once() {
    auto& output = tls->output();
    if (!is_writing && !output.empty()) output.erase(0, send_at_once(output));
    return output.size() <= unsent_most + (is_writing ? sealed_at_once : 0);
}

void byte_stream::state::acknowledge() {
    const int on = 1;
    if (is_tcp) (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

byte_stream adopt(stream_socket socket) {
    auto state = std::make_shared<byte_stream::state>(std::move(socket));
    error_code ignored;
    const auto local = state->socket.local_endpoint(ignored);
    const int family = local.protocol().family();
    state->is_tcp = family == AF_INET || family == AF_INET6;
    if (state->is_tcp) {
        state->local = ip_end_of(local);
        state->remote = ip_end_of(state->socket.remote_endpoint(ignored));
        state->socket.set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    return byte_stream(std::move(state));
}

byte_stream::byte_stream() = default;
byte_stream::byte_stream(byte_stream&&) noexcept = default;
byte_stream::byte_stream(std::shared_ptr<state> s) : state_(std::move(s)) {}

byte_stream& byte_stream::operator=(byte_stream&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::move(other.state_);
    }
    return *this;
}

byte_stream::~byte_stream() { close(); }

awaitable<result<std::size_t>> byte_stream::read_some(asio::mutable_buffer buffer) {
    const auto s = state_;
    if (!is_open()) co_return error_code(asio::error::not_connected);
    if (s->tls) {
        const auto got = co_await s->read_sealed(buffer);
        co_return got;
    }
    const auto got = co_await s->read_plain(buffer);
    co_return got;
}

awaitable<result<void>> byte_stream::wait_input() {
    const auto s = state_;
    if (!is_open()) co_return error_code(asio::error::not_connected);
    if (s->tls && s->tls->has_input()) co_return result<void>();
    if (s->tls) s->tls->forget_input_space();
    const auto ready = co_await s->wait_readable();
    co_return ready;
}

void byte_stream::give_back(std::string_view bytes) {
    if (state_) state_->given_back.insert(0, bytes);
}

awaitable<result<void>> byte_stream::write(std::span<const asio::const_buffer> buffers) {
    const auto s = state_;
    if (!is_open()) co_return error_code(asio::error::not_connected);
    const buffer_run run(buffers);
    const struct writing {
        bool& flag;
        explicit writing(bool& f) : flag(f) { flag = true; }
        ~writing() { flag = false; }
    } mark(s->is_writing);
    if (s->tls) {
        const auto written = co_await s->write_sealed(run);
        co_return written;
    }
    const auto written = co_await s->write_plain(run);
    co_return written;
}

awaitable<result<void>> byte_stream::write(std::string_view bytes) {
    const asio::const_buffer whole = asio::buffer(bytes.data(), bytes.size());
    const std::span<const asio::const_buffer> one(&whole, 1);
    const auto written = co_await write(one);
    co_return written;
}

awaitable<result<void>> byte_stream::start_tls(const tls_client_context& context, std::string name,
                                               std::string alpn) {
    const auto s = state_;
    if (!is_open()) co_return error_code(asio::error::not_connected);
    auto engine = tls_engine::client(context.ssl->native_handle(), name, alpn);
    if (!engine) co_return engine.error();
    s->tls = std::move(*engine);
    const auto done = co_await s->handshake();
    co_return done;
}

awaitable<result<void>> byte_stream::accept_tls(const tls_server_context& context) {
    const auto s = state_;
    if (!is_open()) co_return error_code(asio::error::not_connected);
    auto engine = tls_engine::server(context.ssl->native_handle());
    if (!engine) co_return engine.error();
    s->tls = std::move(*engine);
    const auto done = co_await s->handshake();
    if (!done) s->tls.reset();
    co_return done;
}

std::string_view byte_stream::protocol() const {
    return is_tls() ? state_->tls->protocol() : std::string_view();
}

bool byte_stream::is_tls() const noexcept { return state_ && state_->tls; }

xmpp::tls_facts byte_stream::facts() const {
    return state_ && state_->tls ? state_->tls->facts() : xmpp::tls_facts{};
}

void byte_stream::read_deadline(base::time_point when) {
    if (state_) state_->reading.set(when);
}

void byte_stream::write_deadline(base::time_point when) {
    if (state_) state_->writing.set(when);
}

void byte_stream::quick_ack(bool on) {
    if (!state_) return;
    state_->acknowledges_at_once = on;
    if (on && is_open()) state_->acknowledge();
}

void byte_stream::limit_unsent(std::size_t bytes) {
    const int most = static_cast<int>(bytes);
    if (is_open() && state_->is_tcp)
        (void)::setsockopt(state_->socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most,
                           sizeof most);
}

void byte_stream::shutdown_send() {
    if (!is_open()) return;
    if (state_->tls && !state_->is_writing) {
        // Best effort: what does not fit into the socket's buffer now is not worth waiting for.
        state_->tls->close_notify();
        state_->send_at_once(state_->tls->output());
        state_->tls->output().clear();
    }
    error_code ignored;
    state_->socket.shutdown(stream_socket::shutdown_send, ignored);
}

void byte_stream::close() {
    if (!state_) return;
    error_code ignored;
    state_->socket.close(ignored);
}

void byte_stream::reset() {
    if (!state_) return;
    error_code ignored;
    if (state_->is_tcp) state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
    state_->socket.close(ignored);
}

bool byte_stream::is_open() const noexcept { return state_ && state_->socket.is_open(); }

bool byte_stream::is_stale() const noexcept {
    return !is_open() || !is_quiet(state_->socket.native_handle(), state_->tls != nullptr);
}

std::string byte_stream::remote_address() const {
    return state_ ? state_->remote.address : std::string();
}

std::uint16_t byte_stream::remote_port() const {
    return state_ ? state_->remote.port : std::uint16_t{0};
}

std::uint16_t byte_stream::local_port() const { return state_ ? state_->local.port : std::uint16_t{0}; }

void byte_stream::speak_for(std::string address, std::uint16_t port) {
    if (state_) state_->remote = {std::move(address), port};
}

}  // namespace crosstalk::net
