// The HTTP/1 reader: bytes in, heads and body bytes out. One class for requests and for responses.
//
// Rule 1: what is ambiguous is refused, never repaired: two readers must not see two messages.
// Rule 2: no I/O, no clock, no exceptions, and no copy of a body: data are views into the input.
// Rule 3: bounded time and space for any input; no byte is looked at twice for being fed in pieces.
// Rule 4: after an error the reader is of no use any more: the connection has to be closed.
//
// A loop around it, `buffer` holding what has been received and not consumed yet:
//
//     for (;;) {
//         auto step = reader.advance(buffer);       // error: answer status_of(), close
//         use(step->data); buffer.erase(0, step->consumed);   // data first: it views the buffer
//         switch (step->kind) { need_more: receive more; head: take_…(); end: next(); }
//     }
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "crosstalk/error.hpp"
#include "crosstalk/http.hpp"
#include "http/error.hpp"

namespace crosstalk::http {

struct reader_limits {
    std::size_t uri = 16 * 1024;   ///< bytes of the target
    std::size_t head = 64 * 1024;  ///< bytes of all field lines; the same again for trailers
    std::size_t header_count = 100;
};

enum class step_kind : std::uint8_t {
    need_more,  ///< nothing to report before more input comes
    head,       ///< a head is complete: take_request() or take_response()
    data,       ///< `data` are body bytes
    end,        ///< the message is complete: next() before going on
};

struct step {
    step_kind kind = step_kind::need_more;
    std::size_t consumed = 0;  ///< bytes to drop from the front of the input, whatever the kind
    std::string_view data;     ///< a view into the input
};

/// How the end of a message's body is known.
enum class body_kind : std::uint8_t {
    none,         ///< there is no body
    length,       ///< Content-Length
    chunked,      ///< Transfer-Encoding: chunked
    until_close,  ///< the end of the connection (responses only)
    opaque,       ///< not HTTP any more: after 101, or 2xx to CONNECT (responses only)
};

class reader {
  public:
    enum class role : std::uint8_t { request, response };

    explicit reader(role r, reader_limits limits = {}) noexcept : role_(r), limits_(limits) {}

    /// Reads on. `input` is all that has been received and not been consumed: what an earlier step left
    /// has to stand in front of it, unchanged. Call again, also without new input, until it says
    /// need_more. An unfinished line (at most limits.uri or limits.head bytes) stays in the caller's
    /// buffer.
    [[nodiscard]] result<step> advance(std::string_view input);

    /// To be called when the connection has ended in order and advance() needs more. A step `end` for
    /// bodies that end so (until_close, opaque); else errc::truncated, or errc::closed if nothing of a
    /// message had come. Unconsumed input counts as something.
    [[nodiscard]] result<step> finish_eof(std::string_view input = {});

    /// Moves the head out, once, after step `head`.
    [[nodiscard]] request_head take_request() noexcept { return std::move(request_); }
    [[nodiscard]] response_head take_response() noexcept { return std::move(response_); }

    // Valid from step `head` to next().

    [[nodiscard]] body_kind body() const noexcept { return body_; }
    /// What Content-Length said, also where there is no body (HEAD, 304).
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept { return length_; }
    /// Whether another message may follow on this connection, as far as this head is concerned.
    [[nodiscard]] bool keep_alive() const noexcept { return keep_alive_; }
    /// Whether the client waits for 100 Continue before it sends the body.
    [[nodiscard]] bool expects_continue() const noexcept { return expects_continue_; }

    /// Role response: to be called before each response, with the method of its request. Responses
    /// to HEAD have no body. Interim responses (1xx but 101) are reported as a head with that status,
    /// body() none, and the next advance() goes on to the next head, without step `end` or next().
    void expect_response_to(std::string_view method) noexcept;

    /// After step `end`: reads the following message.
    void next() noexcept;

    /// Whether nothing of a message has come since the start or next().
    [[nodiscard]] bool is_idle() const noexcept { return state_ == state::start_line && idle_; }

  private:
    enum class state : std::uint8_t {
        start_line,
        field_lines,
        length_body,
        chunk_size,
        chunk_data,
        chunk_tail,
        trailer_lines,
        raw_body,
        done,
        failed,
    };
    /// What is known of the request that the next response answers.
    enum class question : std::uint8_t { unasked, plain, head, connect };

    /// Whether a part of a message has been read to its end, or the input ended first.
    enum class progress : std::uint8_t { waiting, complete };

    [[nodiscard]] result<step> read(std::string_view input);
    [[nodiscard]] result<step> read_head(std::string_view input);
    [[nodiscard]] result<progress> read_start_line(std::string_view input, std::size_t& at);
    [[nodiscard]] result<progress> read_field_lines(std::string_view input, std::size_t& at);
    [[nodiscard]] result<step> read_chunked(std::string_view input);
    [[nodiscard]] result<progress> read_chunk_size(std::string_view input, std::size_t& at);
    [[nodiscard]] result<progress> read_chunk_tail(std::string_view input, std::size_t& at);
    [[nodiscard]] result<progress> read_trailers(std::string_view input, std::size_t& at);
    [[nodiscard]] step read_length_body(std::string_view input);
    /// A line without its CRLF, or null data() while it is not complete; moves `at` behind it.
    [[nodiscard]] result<std::string_view> take_line(std::string_view input, std::size_t& at,
                                                     std::size_t limit, errc too_long);
    /// The same within the limit for all field lines.
    [[nodiscard]] result<std::string_view> take_field_line(std::string_view input, std::size_t& at);
    [[nodiscard]] error_code add_field(std::string_view line);
    [[nodiscard]] error_code finish_head();
    [[nodiscard]] error_code finish_request();
    [[nodiscard]] error_code finish_response();
    void settle_framing(bool chunked) noexcept;

    role role_;
    state state_ = state::start_line;
    question question_ = question::unasked;
    body_kind body_ = body_kind::none;
    bool idle_ = true;
    bool keep_alive_ = false;
    bool expects_continue_ = false;
    unsigned empty_lines_ = 0;
    unsigned interim_count_ = 0;
    reader_limits limits_;
    std::size_t scanned_ = 0;     ///< bytes of the unfinished line that are known to hold no LF
    std::size_t head_bytes_ = 0;  ///< of field lines, or of trailer lines
    std::size_t trailer_count_ = 0;
    std::size_t chunk_overhead_ = 0;
    std::uint64_t remaining_ = 0;  ///< of the body, or of the chunk
    std::optional<std::uint64_t> length_;
    error_code failure_;
    request_head request_;
    response_head response_;
};

}  // namespace crosstalk::http
