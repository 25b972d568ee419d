// The server's side of one request and its response, whatever version of HTTP carries them: a connection
// of HTTP/1, which it has for itself until the response is done, or one of the streams of HTTP/2.
//
// Rule 1: a response that is not whole never looks whole: the stream is cut instead.
// Rule 2: every wait has a deadline, and what is read ahead is bounded.
// Rule 3: a request's body may be read by one coroutine while another writes the response.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "crosstalk/http.hpp"
#include "http/reader.hpp"
#include "net/byte_stream.hpp"

namespace crosstalk::net {

struct http_connection_settings {
    http::reader_limits limits;
    base::milliseconds header{10'000};  ///< from a head's first byte to its last
    base::milliseconds body{30'000};    ///< for each piece of a body, in either direction
    base::milliseconds idle{75'000};    ///< with nothing of a request there
    unsigned streams = 100;             ///< at the same time on a connection of HTTP/2; 0: no HTTP/2
};

class http_connection;

class http_stream {
  public:
    http_stream() = default;
    http_stream(const http_stream&) = delete;
    http_stream& operator=(const http_stream&) = delete;
    virtual ~http_stream() = default;

    // The request whose head was read last.

    [[nodiscard]] virtual bool has_body() const noexcept = 0;
    [[nodiscard]] virtual std::optional<std::uint64_t> content_length() const noexcept = 0;
    /// The next piece of the body, at most `most` bytes, valid until the next call; "" once it is
    /// whole. operation_aborted after abandon_body().
    [[nodiscard]] virtual awaitable<result<std::string_view>> read_body(std::size_t most) = 0;
    /// Body bytes read since the head.
    [[nodiscard]] virtual std::uint64_t body_received() const noexcept = 0;
    /// Lets a pending read_body() return: the body is of no use any more.
    virtual void abandon_body() = 0;
    /// Whether the client waits for 100 Continue before it sends its body.
    [[nodiscard]] virtual bool wants_continue() const noexcept = 0;
    [[nodiscard]] virtual awaitable<result<void>> write_continue() = 0;
    /// Calls `gone` when the client leaves, at once if it has left; an empty function to forget it.
    virtual void watch(std::function<void()> gone) = 0;

    // The response.

    /// No other request will come: the connection ends after this response. HTTP/2 has nothing to
    /// close for one of many.
    virtual void close_after_response() noexcept = 0;
    /// Writes the head, which must be safe (http::is_safe) and free of hop-by-hop fields, with the
    /// first bytes of the body; `is_last`: there are no more. Framing is added: Content-Length as the
    /// head has it or as far as it is known, else what the version has for it. For HEAD, 204 and 304
    /// the body is dropped. bad_content_length when the body does not match; after any error: close().
    [[nodiscard]] virtual awaitable<result<void>> start_response(const http::response_head& head,
                                                                 std::string_view first,
                                                                 bool is_last) = 0;
    [[nodiscard]] virtual awaitable<result<void>> write_body(std::string_view piece, bool is_last) = 0;
    /// Whether the response has no body, whatever is written.
    [[nodiscard]] virtual bool is_bodyless() const noexcept = 0;
    /// Body bytes written since the head.
    [[nodiscard]] virtual std::uint64_t body_sent() const noexcept = 0;
    /// After a whole response: whether another request may be read from here. What is left of the
    /// request's body is dropped.
    [[nodiscard]] virtual awaitable<bool> finish_request() = 0;

    // After 101 Switching Protocols, which ends HTTP here. One coroutine may read while another writes.

    /// Writes the head, of a 101, as the version has it.
    [[nodiscard]] virtual awaitable<result<void>> switch_protocols(const http::response_head& head) = 0;
    /// What the client sends, at most `most` bytes, valid until the next call; "" once it has finished.
    [[nodiscard]] virtual awaitable<result<std::string_view>> read_opaque(std::size_t most) = 0;
    [[nodiscard]] virtual awaitable<result<void>> write_opaque(std::string_view bytes) = 0;
    /// Nothing more will be written.
    virtual void finish_opaque() = 0;

    // The end.

    /// Closes so that the client can still read what was written: half first, then what it sends is
    /// dropped for a short time.
    [[nodiscard]] virtual awaitable<void> linger() = 0;
    virtual void close() = 0;
    /// Closes so that the client cannot take a body for whole that ends with the connection.
    virtual void cut() = 0;

    /// What it all runs over.
    [[nodiscard]] virtual const byte_stream& stream() const noexcept = 0;
    /// The connection itself, where it carries nothing else; null in HTTP/2.
    [[nodiscard]] virtual http_connection* whole_connection() noexcept { return nullptr; }
};

}  // namespace crosstalk::net
