// See listener.hpp.
#include "net/listener.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <optional>

#include "base/log.hpp"
#include "net/error.hpp"
#include "net/stream_socket.hpp"

namespace crosstalk::net {
namespace {

using acceptor = asio::basic_socket_acceptor<asio::generic::stream_protocol>;
using endpoint = asio::generic::stream_protocol::endpoint;

constexpr std::string_view unix_prefix = "unix:";
constexpr base::milliseconds pause_when_exhausted{100};
/// What the kernel takes for a client that does not read: else it is megabytes for each.
constexpr int unsent_most = 128 * 1024;

/// Which file a path names, to tell ours from one that has taken its place.
struct file_identity {
    dev_t device = 0;
    ino_t number = 0;
    bool operator==(const file_identity&) const = default;
};

std::optional<file_identity> socket_file(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) != 0 || !S_ISSOCK(found.st_mode)) return std::nullopt;
    return file_identity{found.st_dev, found.st_ino};
}

result<endpoint> bad_address() {
    return {boost::system::in_place_error, make_error_code(errc::bad_address)};
}

result<endpoint> ip_endpoint(std::string_view where) {
    const auto colon = where.rfind(':');
    if (colon == std::string_view::npos) return bad_address();
    std::string host(where.substr(0, colon));
    const std::string_view port = where.substr(colon + 1);
    std::uint16_t number = 0;
    const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (failure != std::errc() || end != port.data() + port.size()) return bad_address();
    const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (is_bracketed) host = host.substr(1, host.size() - 2);
    if (host == "localhost") host = "127.0.0.1";
    error_code ec;
    const auto address = asio::ip::make_address(host, ec);
    if (ec || address.is_v6() != is_bracketed) return bad_address();
    return endpoint(asio::ip::tcp::endpoint(address, number));
}

result<endpoint> unix_endpoint(const std::string& path) {
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return bad_address();
    return endpoint(asio::local::stream_protocol::endpoint(path));
}

/// Whether a socket file is left over from a process that has gone: nobody accepts there.
bool is_stale(const executor& ex, const std::string& path, const endpoint& where) {
    if (!socket_file(path)) return false;
    stream_socket probe(ex);
    error_code ec;
    probe.connect(where, ec);
    return ec == asio::error::connection_refused;
}

error_code start(acceptor& a, const endpoint& where) {
    error_code ec;
    a.open(where.protocol(), ec);
    if (ec) return ec;
    const int family = where.protocol().family();
    if (family != AF_UNIX) a.set_option(asio::socket_base::reuse_address(true), ec);
    if (!ec && family == AF_INET6) a.set_option(asio::ip::v6_only(true), ec);
    if (!ec) a.bind(where, ec);
    if (!ec) a.listen(asio::socket_base::max_listen_connections, ec);
    if (ec) {
        error_code ignored;
        a.close(ignored);
    }
    return ec;
}

/// The connection is lost, the listening socket is not: the next one may do.
bool concerns_one_connection(const error_code& ec) {
    return ec == asio::error::connection_aborted || ec == asio::error::interrupted ||
           ec == boost::system::errc::protocol_error || ec == asio::error::try_again;
}

}  // namespace

struct listener::state {
    explicit state(const executor& ex) : socket(ex), pause(ex) {}

    acceptor socket;
    asio::steady_timer pause;
    std::string path;  ///< of a unix socket
    std::optional<file_identity> file;
    bool is_exhausted = false;
};

listener::listener(std::unique_ptr<state> s) : state_(std::move(s)) {}
listener::listener(listener&&) noexcept = default;

listener& listener::operator=(listener&& other) noexcept {
    if (this != &other) {
        close();
        state_ = std::move(other.state_);
    }
    return *this;
}

listener::~listener() { close(); }

result<listener> listener::open(executor ex, const std::string& where) {
    auto s = std::make_unique<state>(ex);
    const bool is_unix = where.starts_with(unix_prefix);
    if (is_unix) s->path = where.substr(unix_prefix.size());
    const auto end = is_unix ? unix_endpoint(s->path) : ip_endpoint(where);
    if (!end) return end.error();
    error_code ec = start(s->socket, *end);
    if (ec == asio::error::address_in_use && is_unix && is_stale(ex, s->path, *end)) {
        ::unlink(s->path.c_str());
        ec = start(s->socket, *end);
    }
    if (ec) return ec;
    if (is_unix) s->file = socket_file(s->path);
    return listener(std::move(s));
}

result<listener> listener::take_over(executor ex, int descriptor) {
    const auto option = [descriptor](int name) {
        int value = 0;
        socklen_t size = sizeof value;
        return ::getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
    };
    if (option(SO_ACCEPTCONN) != 1 || option(SO_TYPE) != SOCK_STREAM) {
        ::close(descriptor);
        return make_error_code(errc::bad_address);
    }
    auto s = std::make_unique<state>(ex);
    error_code ec;
    s->socket.assign(asio::generic::stream_protocol(option(SO_DOMAIN), 0), descriptor, ec);
    if (ec) return ec;
    return listener(std::move(s));
}

awaitable<result<byte_stream>> listener::accept() {
    state* const s = state_.get();
    while (s != nullptr && s->socket.is_open()) {
        auto [ec, socket] = co_await s->socket.async_accept(as_values);
        if (!ec) {
            s->is_exhausted = false;
            (void)::setsockopt(socket.native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_most,
                               sizeof unsent_most);
            co_return adopt(std::move(socket));
        }
        if (ec == asio::error::operation_aborted || ec == asio::error::bad_descriptor) break;
        if (concerns_one_connection(ec)) continue;
        if (!s->is_exhausted)
            base::log(base::log_level::warning, "cannot accept connections, trying on",
                      {{"why", ec.message()}});
        s->is_exhausted = true;
        s->pause.expires_after(pause_when_exhausted);
        const auto [ended] = co_await s->pause.async_wait(as_values);
        if (ended) break;
    }
    co_return error_code(asio::error::operation_aborted);
}

void listener::close() {
    if (!state_ || !state_->socket.is_open()) return;
    error_code ignored;
    state_->socket.close(ignored);
    state_->pause.cancel();
    if (state_->file && socket_file(state_->path) == state_->file) ::unlink(state_->path.c_str());
}

std::uint16_t listener::port() const {
    error_code ec;
    const auto end = state_->socket.local_endpoint(ec);
    const int family = end.protocol().family();
    if (ec || (family != AF_INET && family != AF_INET6)) return 0;
    // The port lies at the same place for both families.
    return ntohs(reinterpret_cast<const sockaddr_in*>(end.data())->sin_port);
}

}  // namespace crosstalk::net
