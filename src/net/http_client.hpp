// An HTTP/1.1 client for one origin: pooled connections, bodies streamed both ways at the same time.
//
// Rule 1: an idle connection that the server has closed, or has said something on unasked, is not used
// again, and none is kept for longer than `idle_time`.
// Rule 2: a request is sent a second time only when the first went over a connection that had been
// idle, not one byte of an answer came, it has no body, and its method is idempotent (RFC 9110, 9.2.2).
// Rule 3: a body is whole or an error; what ends early never looks complete.
// Rule 4: an exchange that is closed or destroyed before its end takes its connection with it, at once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"
#include "net/dial.hpp"

namespace crosstalk::net {

struct http_origin {
    bool tls = false;
    std::string host;  ///< "" for a unix socket
    std::uint16_t port = 80;
    std::string unix_path;
};

struct http_client_settings {
    http_origin origin;
    tls_client_context tls;  ///< for https origins
    std::size_t idle_most = 256;
    base::milliseconds idle_time{10'000};
    base::milliseconds connect_timeout{10'000};
};

/// A request to be sent. The head names the framing that `length` and `is_chunked` tell.
struct http_request {
    http::request_head head;
    std::optional<std::uint64_t> length;  ///< of the body; neither: there is no body
    bool is_chunked = false;
    std::string first;  ///< the start of the body, as far as it is there: goes out with the head
};

/// One request and its response. Writing the body and reading the response may run side by side, each
/// by one coroutine.
class http_exchange {
  public:
    http_exchange();
    http_exchange(http_exchange&&) noexcept;
    http_exchange& operator=(http_exchange&&) noexcept;
    ~http_exchange();

    /// More of the request's body. Fails with http::errc::bad_content_length beyond the announced
    /// length. A failure says nothing about the response, which may be there already (413).
    [[nodiscard]] awaitable<result<void>> write(std::string_view piece);
    /// The body is complete. Fails with http::errc::truncated when bytes are missing to the length
    /// announced.
    [[nodiscard]] awaitable<result<void>> finish();

    /// The final response's head; 1xx are swallowed. After a 101 there is no HTTP any more: what is
    /// written goes out as it is, finish() ends the sending direction, and read_body() gives what
    /// comes.
    [[nodiscard]] awaitable<result<http::response_head>> read_head();
    /// The next bytes of the body, valid until the next call; "" once it has ended in order.
    [[nodiscard]] awaitable<result<std::string_view>> read_body();

    /// Ends the connection: what waits in the functions above ends with operation_aborted.
    void close();

    struct state;
    explicit http_exchange(std::unique_ptr<state> s);

  private:
    std::unique_ptr<state> state_;
};

class http_client {
  public:
    /// `names` must outlive it. stop() before the end.
    http_client(executor ex, resolver& names, http_client_settings settings);
    ~http_client();

    /// Connects, or takes a connection that is idle, and sends the head with the `first` bytes.
    [[nodiscard]] awaitable<result<http_exchange>> start(http_request request);
    /// Closes what is idle; exchanges must have ended. No more start() after it.
    [[nodiscard]] awaitable<void> stop();

    struct state;

  private:
    std::shared_ptr<state> state_;  ///< exchanges hold it too
};

}  // namespace crosstalk::net
