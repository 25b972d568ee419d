// WebSocket frames (RFC 6455, section 5) for both roles: bytes in, messages out, and the way back.
//
// Rule 1: no I/O, no clock, no randomness: masks are arguments.
// Rule 2: a payload is not copied: it is unmasked where it stands and seen there. Only a message that
//         comes in fragments is put together.
// Rule 3: no extension is negotiated, so every reserved bit is refused. Text is not held to be UTF-8:
//         that is for whoever takes text.
// Rule 4: after an error or a close the reader is of no use any more.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"

namespace crosstalk::http {

enum class websocket_errc {
    reserved_bits = 1,    ///< RSV1 to RSV3 without an extension
    reserved_opcode,      ///< neither data nor control that exists
    unmasked,             ///< a client's frame without a mask
    masked,               ///< a server's frame with one
    fragmented_control,   ///< a control frame without FIN
    long_control,         ///< a control frame of more than 125 bytes
    long_length,          ///< a length in more bytes than it needs, or with its top bit set
    nothing_to_continue,  ///< a continuation outside a message
    interrupted_message,  ///< a new message inside one
    bad_close,            ///< a close frame with half a code, or one that may not be sent
    message_too_large,    ///< over the limit
};
[[nodiscard]] error_code make_error_code(websocket_errc e) noexcept;

/// Close codes (RFC 6455, 7.4.1).
enum websocket_close : std::uint16_t {
    closed_normally = 1000,
    closed_going_away = 1001,
    closed_protocol_error = 1002,
    closed_unsupported = 1003,
    closed_without_code = 1005,  ///< never on the wire
    closed_bad_content = 1007,
    closed_policy = 1008,
    closed_too_large = 1009,
};
/// The code that tells the other side of an error of its frames.
[[nodiscard]] std::uint16_t websocket_close_code(const error_code& error) noexcept;

enum class websocket_opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

/// Who sends: clients mask what they send, servers do not.
enum class websocket_role : std::uint8_t { client, server };

struct websocket_step {
    enum class kind : std::uint8_t {
        need_more,  ///< nothing to report before `wanted` bytes stand in the input
        message,    ///< `payload`; `is_text` says of which kind
        ping,       ///< to be answered by a pong with the same `payload`
        pong,
        close,  ///< `code`; `payload` is the reason
    };
    kind what = kind::need_more;
    bool is_text = false;
    std::uint16_t code = closed_without_code;
    std::size_t consumed = 0;  ///< bytes to drop from the front of the input, once `payload` is used
    std::size_t wanted = 0;  ///< need_more: bytes behind `consumed`, counted with those that are there
    std::string_view payload;  ///< into the input, or into the reader
};

class websocket_reader {
  public:
    /// `self` is who reads.
    explicit websocket_reader(websocket_role self, std::size_t most_message = 1024 * 1024)
        : self_(self), most_(most_message) {}

    /// Reads on. `input` is all that has been received and not been consumed; a frame is unmasked in it
    /// once it is whole. The payload stands until the next call.
    [[nodiscard]] result<websocket_step> advance(std::span<char> input);

  private:
    struct frame;
    [[nodiscard]] error_code judge(const frame& f) const noexcept;
    [[nodiscard]] result<websocket_step> take(const frame& f, std::span<char> payload);
    [[nodiscard]] static result<websocket_step> take_close(std::string_view payload);

    websocket_role self_;
    std::size_t most_;
    std::optional<websocket_opcode> begun_;  ///< of the message whose fragments come
    std::string fragments_;
};

using websocket_mask = std::array<char, 4>;

/// Applies a mask, or takes it away again: from the key's first byte on.
void apply_websocket_mask(std::span<char> bytes, websocket_mask mask) noexcept;

/// A frame that is written to the end of a string piece by piece: what is appended between the
/// constructor and finish() is its payload.
class websocket_frame {
  public:
    /// `mask` where a client sends.
    websocket_frame(std::string& out, websocket_opcode what, std::optional<websocket_mask> mask);
    void finish();
    /// Takes back all that has been appended.
    void discard() { out_.resize(begin_); }

  private:
    std::string& out_;
    std::size_t begin_;
    websocket_opcode what_;
    std::optional<websocket_mask> mask_;
};

/// Appends a whole frame.
void append_websocket_frame(std::string& out, websocket_opcode what, std::string_view payload,
                            std::optional<websocket_mask> mask);
/// Appends a close frame; of `reason` as much as fits.
void append_websocket_close(std::string& out, std::uint16_t code, std::string_view reason,
                            std::optional<websocket_mask> mask);

}  // namespace crosstalk::http

template <>
struct boost::system::is_error_code_enum<crosstalk::http::websocket_errc> : std::true_type {};
