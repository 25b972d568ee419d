// The server's side of a connection of HTTP/2 (RFC 9113; nghttp2 underneath): bytes in and bytes out,
// streams between them.
//
// Rule 1: no I/O and no clock. The owner feeds receive(), writes what produce() gives, and drains poll()
//         after each.
// Rule 2: nothing is read ahead beyond the windows, which open again as input is consumed; nothing is
//         written ahead: a piece of a body stays with its owner until it is on its way.
// Rule 3: every stream has the same share, whatever priorities a client names.
// Rule 4: what costs work and moves nothing has a budget; a client that overspends is told GOAWAY.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/http2_head.hpp"

namespace crosstalk::http {

struct http2_settings {
    reader_limits limits;
    std::uint32_t streams = 100;             ///< at the same time
    std::int32_t stream_window = 128 * 1024;  ///< bytes of one body that nobody has consumed yet
    std::int32_t window = 512 * 1024;         ///< the same for all bodies together
};

/// Why a stream is reset (RFC 9113, 7).
enum class http2_reason : std::uint32_t { none = 0, internal = 2, refused = 7, cancelled = 8, calm = 11 };

class http2_session {
  public:
    using stream_id = std::int32_t;
    struct event {
        enum class kind : std::uint8_t {
            request,  ///< a new stream: take_request(), and forget() in the end
            input,    ///< bytes of its body, or the body's end
            sent,     ///< what send() was given, or a response that is a head alone, is on its way
            closed,   ///< both sides have ended, or one has reset it
        };
        kind what;
        stream_id stream;
    };
    /// How a client of HTTP/2 begins.
    static constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    http2_session(http2_settings settings, base::time_point now);
    http2_session(const http2_session&) = delete;
    http2_session& operator=(const http2_session&) = delete;
    ~http2_session();

    /// Fails, with http2_broken, where the connection is of no use any more, not even to say so.
    [[nodiscard]] result<void> receive(std::string_view bytes, base::time_point now);
    /// Appends what is to be written, until `out` holds about `most` bytes.
    void produce(std::string& out, std::size_t most);
    [[nodiscard]] std::optional<event> poll();
    /// Nothing will be read or produced any more.
    [[nodiscard]] bool is_over() const;
    /// Whether the client has spent more than its budget.
    [[nodiscard]] bool is_flooded() const noexcept;
    /// Whether the client has sent all that it has to begin with.
    [[nodiscard]] bool is_greeted() const noexcept;
    /// When the head began of which part has come.
    [[nodiscard]] std::optional<base::time_point> head_since() const noexcept;
    /// Whether bodies that nobody has consumed leave the client no room for a frame of any other.
    [[nodiscard]] bool is_full() const;
    /// Of bodies, in all.
    [[nodiscard]] std::uint64_t body_bytes_sent() const noexcept;

    /// Tells the client to open no more streams; those that are on their way are still served.
    void shut_down();
    /// Serves no stream that comes from now on. It happens by itself once the client has answered what
    /// shut_down() sends.
    void refuse_streams();
    [[nodiscard]] bool is_refusing() const noexcept;
    /// Ends the connection once this has been told.
    void terminate(http2_reason why);

    // A stream that an event has named, until forget().

    [[nodiscard]] result<http2_request> take_request(stream_id id);
    /// Known even of a request that cannot be taken.
    [[nodiscard]] bool is_head_request(stream_id id) const;
    /// Whether the request came with END_STREAM, or has ended since and all of it has been taken.
    [[nodiscard]] bool is_input_over(stream_id id) const;
    /// What has come of the body; the client may send as much again once it is consumed.
    [[nodiscard]] std::string take_input(stream_id id);
    void consume(stream_id id, std::size_t bytes);
    [[nodiscard]] bool is_closed(stream_id id) const;
    void interim(stream_id id, unsigned status);
    /// The head of the response; `is_last`: nothing follows, and it is sent when is_sent() says so.
    void respond(stream_id id, const response_head& head, bool is_last);
    /// The next piece of the body, which has to stay where it is until it has been sent.
    void send(stream_id id, std::string_view piece, bool is_last);
    /// Whether all of that piece is on its way.
    [[nodiscard]] bool is_sent(stream_id id) const;
    /// Whether the client lets no more of this very body come.
    [[nodiscard]] bool is_held_back(stream_id id) const;
    void reset(stream_id id, http2_reason why);
    /// The stream is done with: what the client still sends is dropped, an unfinished response reset.
    void forget(stream_id id);

  private:
    struct core;
    std::unique_ptr<core> core_;
};

}  // namespace crosstalk::http
