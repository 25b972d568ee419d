// See dial.hpp.
#include "net/dial.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/ids.hpp"
#include "net/deadline.hpp"
#include "net/dns_channel.hpp"
#include "net/error.hpp"
#include "net/srv_order.hpp"
#include "net/stream_socket.hpp"

namespace crosstalk::net {
namespace {

constexpr std::chrono::seconds lookup_timeout{10};

bool is_address(const std::string& host) {
    error_code ec;
    (void)asio::ip::make_address(host, ec);
    return !ec;
}

/// Loopback by its name (RFC 6761, 6.3), whatever the system's files or servers say.
bool is_localhost(const std::string& host) {
    return host == "localhost" || host.ends_with(".localhost");
}

awaitable<result<byte_stream>> connect(asio::generic::stream_protocol::endpoint to,
                                       base::milliseconds timeout) {
    const auto ex = co_await asio::this_coro::executor;
    const auto parent = co_await asio::this_coro::cancellation_state;
    stream_socket socket(ex);
    deadline limit(ex);
    limit.set(base::clock::now() + timeout);
    const deadline::watch watch(limit, parent);
    auto token = asio::bind_cancellation_slot(watch.slot(), as_values);
    const auto [ec] = co_await socket.async_connect(to, std::move(token));
    if (ec) co_return watch.outcome(ec);
    co_return adopt(std::move(socket));
}

/// Takes the targets out that say "not here"; whether there was one.
bool drop_refusals(std::vector<resolver::srv_record>& records) {
    return std::erase_if(records, [](const auto& r) { return r.target.empty() || r.target == "."; }) >
           0;
}

}  // namespace

struct resolver::state {
    executor ex;
    std::string servers;
};

resolver::resolver(executor ex, const std::vector<std::string>& servers)
    : state_(std::make_shared<state>(state{std::move(ex), {}})) {
    for (const auto& s : servers) state_->servers += (state_->servers.empty() ? "" : ",") + s;
}

resolver::~resolver() = default;

awaitable<result<std::vector<resolver::srv_record>>> resolver::xmpp_client(std::string domain) {
    std::vector<srv_record> records;
    if (is_address(domain) || is_localhost(domain)) co_return records;
    const auto deadline = base::clock::now() + lookup_timeout;
    dns_channel::question<srv_record> starttls, direct;
    auto channel = dns_channel::open(state_->ex, state_->servers);
    if (!channel) co_return channel.error();
    channel->ask_srv("_xmpp-client._tcp." + domain, starttls);
    channel->ask_srv("_xmpps-client._tcp." + domain, direct);
    while (!starttls.is_done || !direct.is_done) {
        const bool rang = co_await channel->wait(deadline);
        if (!rang) break;
    }
    const bool is_refused = drop_refusals(starttls.answer);
    drop_refusals(direct.answer);
    for (auto& r : direct.answer) r.direct_tls = true;
    records = std::move(direct.answer);
    std::ranges::move(starttls.answer, std::back_inserter(records));
    if (!records.empty()) co_return in_trying_order(std::move(records), base::random_below);
    if (!starttls.is_done) co_return make_error_code(errc::lookup_timed_out);
    if (is_refused) co_return make_error_code(errc::service_not_offered);
    if (starttls.error) co_return starttls.error;
    co_return records;
}

awaitable<result<std::vector<std::string>>> resolver::addresses(std::string host) {
    std::vector<std::string> found;
    if (is_address(host)) {
        found.push_back(std::move(host));
        co_return found;
    }
    if (is_localhost(host)) {
        found = {"127.0.0.1", "::1"};
        co_return found;
    }
    const auto deadline = base::clock::now() + lookup_timeout;
    dns_channel::question<std::string> asked;
    auto channel = dns_channel::open(state_->ex, state_->servers);
    if (!channel) co_return channel.error();
    channel->ask_addresses(host, asked);
    while (!asked.is_done) {
        const bool rang = co_await channel->wait(deadline);
        if (!rang) co_return make_error_code(errc::lookup_timed_out);
    }
    if (!asked.answer.empty()) co_return std::move(asked.answer);
    if (asked.error) co_return asked.error;
    co_return make_error_code(errc::name_not_found);
}

awaitable<result<std::vector<std::string>>> resolver::texts(std::string name) {
    const auto deadline = base::clock::now() + lookup_timeout;
    dns_channel::question<std::string> asked;
    auto channel = dns_channel::open(state_->ex, state_->servers);
    if (!channel) co_return channel.error();
    channel->ask_texts(name, asked);
    while (!asked.is_done) {
        const bool rang = co_await channel->wait(deadline);
        if (!rang) co_return make_error_code(errc::lookup_timed_out);
    }
    if (asked.error) co_return asked.error;
    co_return std::move(asked.answer);
}

awaitable<result<byte_stream>> dial_tcp(resolver& names, std::string host, std::uint16_t port,
                                        base::milliseconds timeout) {
    const auto found = co_await names.addresses(std::move(host));
    if (!found) co_return found.error();
    error_code last = errc::name_not_found;
    for (const auto& text : *found) {
        const asio::ip::tcp::endpoint end(asio::ip::make_address(text, last), port);
        if (last) continue;
        asio::generic::stream_protocol::endpoint to(end);
        auto connected = co_await connect(to, timeout);
        if (connected) co_return connected;
        last = connected.error();
    }
    co_return last;
}

awaitable<result<byte_stream>> dial_unix(std::string path, base::milliseconds timeout) {
    // A longer path would be cut off, and name another file.
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    if (path.empty() || path.size() > longest) co_return make_error_code(errc::bad_address);
    const asio::local::stream_protocol::endpoint end(path);
    asio::generic::stream_protocol::endpoint to(end);
    auto connected = co_await connect(to, timeout);
    co_return connected;
}

}  // namespace crosstalk::net
