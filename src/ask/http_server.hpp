// Listening for HTTP: connections accepted, counted and wound down; requests handed to whoever answers.
//
// Rule 1: what cannot be read as a request is answered here; what can be is not looked at.
// Rule 2: connections are bounded, in all and per client, from before any handshake.
// Rule 3: the client is whom a trusted proxy names before the first request, in all that counts and
// tells.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "ask/error_page.hpp"
#include "net/http2_connection.hpp"
#include "net/http_connection.hpp"
#include "net/listener.hpp"

namespace crosstalk::ask {

struct http_server_settings {
    net::http_connection_settings connection;
    std::size_t connections = 10'000;
    std::size_t connections_per_client = 256;
    /// Proxies that may speak for others: by a PROXY header before anything else, and over as many
    /// connections as they like. Unset: none.
    std::function<bool(std::string_view address)> speaks_for_others;
};

class http_server {
  public:
    /// Answers one request; whether the connection may go on.
    using answer_function =
        std::function<net::awaitable<bool>(net::http_stream& connection, http::request_head& head)>;

    http_server(net::executor ex, http_server_settings settings, answer_function answer);
    http_server(const http_server&) = delete;

    /// Binds and listens, for https where `tls` is given; to be called before run().
    [[nodiscard]] result<void> listen(const std::string& where,
                                      std::optional<net::tls_server_context> tls = {});
    /// The same on what listens already.
    void listen(net::listener opened, std::optional<net::tls_server_context> tls = {});
    /// For https from now on, in place of what listen() was given.
    void use_certificates(const net::tls_server_context& tls);
    /// Accepts and serves; returns once drain() or cut() has been called and all connections have
    /// ended.
    [[nodiscard]] net::awaitable<void> run();
    /// Holds for connections accepted from now on.
    void configure(http_server_settings settings) { settings_ = std::move(settings); }

    /// Accepts no more, and lets every connection end with the response to the request that is on its
    /// way; what stays idle for a moment is closed.
    void drain();
    /// The same, without mercy.
    void cut();
    [[nodiscard]] bool is_draining() const noexcept { return is_draining_; }
    [[nodiscard]] std::size_t open() const noexcept { return connections_.size(); }
    /// Waits until no connection is left; false when `deadline` came first.
    [[nodiscard]] net::awaitable<bool> wait_until_empty(base::time_point deadline);

  private:
    struct admission;  ///< of one connection
    struct arrival;
    struct entrance {
        net::listener listener;
        std::optional<net::tls_server_context> tls;
    };

    [[nodiscard]] net::awaitable<void> accept_on(entrance& from);
    [[nodiscard]] net::awaitable<void> serve(net::byte_stream stream, const entrance& by);
    using open_connection = std::variant<net::http_connection*, net::http2_connection*>;

    [[nodiscard]] net::awaitable<void> converse(open_connection& open,
                                                std::optional<net::tls_server_context> tls,
                                                net::task_group& reading);
    [[nodiscard]] net::awaitable<void> serve_requests(net::http_connection& connection);
    [[nodiscard]] net::awaitable<void> serve_streams(open_connection& open);
    [[nodiscard]] net::awaitable<void> serve_stream(net::http_stream& stream,
                                                    result<http::request_head> head);
    [[nodiscard]] net::awaitable<result<void>> arrive(net::byte_stream& stream);
    [[nodiscard]] net::awaitable<bool> meet(net::byte_stream& stream, std::string& client,
                                            const entrance& by);
    [[nodiscard]] net::awaitable<void> turn_away(net::byte_stream stream, const entrance& by, page why);
    [[nodiscard]] bool is_proxy(const std::string& client) const;
    [[nodiscard]] bool count(const std::string& client);
    void discount(const std::string& client);

    net::executor ex_;
    http_server_settings settings_;
    answer_function answer_;
    std::vector<entrance> entrances_;
    net::task_group tasks_;
    net::bell ended_;
    std::list<open_connection> connections_;
    std::list<net::byte_stream*> arriving_;  ///< through a proxy that may say for whom
    std::size_t admitted_ = 0;
    std::unordered_map<std::string, std::size_t> clients_;
    bool is_draining_ = false;
    bool is_cut_ = false;
};

/// Writes a whole response. Whether the connection may go on.
[[nodiscard]] net::awaitable<bool> send_page(net::http_stream& connection, page what);

}  // namespace crosstalk::ask
