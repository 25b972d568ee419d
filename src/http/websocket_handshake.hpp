// The opening handshake of a WebSocket (RFC 6455, section 4), with one subprotocol and no extensions.
//
// Rule: what is not exactly a handshake is refused with a status and a reason; nothing is guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::http {

struct websocket_refusal {
    unsigned status = 400;
    std::string_view why;
};

/// Why `head` does not open a WebSocket of this subprotocol; nothing when it does. A 426 is to carry
/// `Upgrade: websocket` and `Sec-WebSocket-Version: 13`.
[[nodiscard]] std::optional<websocket_refusal> refuse_websocket(const request_head& head,
                                                                std::string_view subprotocol);
/// The 101 to a request that was not refused.
[[nodiscard]] response_head websocket_response(const request_head& head, std::string_view subprotocol);

/// A request for `target` at `host`; `key` is base64 of 16 random bytes.
[[nodiscard]] request_head websocket_request(std::string host, std::string target, std::string key,
                                             std::string_view subprotocol);
/// What is wrong with the answer to a request of that key and subprotocol; "" when nothing is.
[[nodiscard]] std::string_view websocket_trouble(const response_head& head, std::string_view key,
                                                 std::string_view subprotocol);

}  // namespace crosstalk::http
