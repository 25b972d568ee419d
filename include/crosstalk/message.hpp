// One CrossTalk message: what a JSON object of the protocol means, with its bytes decoded.
//
// docs/protocol.md, section "Messages", is the specification.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crosstalk/environ.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::talk {

/// `statuscode` and `headers` of a response object.
struct response_start {
    unsigned status = 200;  ///< 200 to 599, or 101
    http::fields headers;
    bool operator==(const response_start&) const = default;
};

/// What `signal` says.
enum class signal_kind : std::uint8_t {
    none,
    producer_finished,      ///< this side has sent everything
    shutdown_microprocess,  ///< this side gives the transaction up
};

/// One message. Members that a message may lack are optional.
struct message {
    std::string batch;  ///< 1 to 64 printable ASCII characters
    std::optional<cgi::environ_map> request;
    std::optional<response_start> response;
    std::optional<std::string> data;      ///< body bytes, decoded from text or base64
    std::optional<std::uint64_t> offset;  ///< body bytes before this message
    std::optional<std::uint64_t> window;  ///< body bytes that the sender will take, absolute
    signal_kind signal = signal_kind::none;
    std::string reason;                ///< beside shutdown_microprocess
    std::vector<std::string> require;  ///< extensions that the receiver must know
    bool operator==(const message&) const = default;
};

}  // namespace crosstalk::talk
