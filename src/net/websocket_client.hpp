// Opens a WebSocket to somewhere else: names, TCP, TLS, and the handshake.
//
// Rule: no redirects and no extensions; every step has a deadline.
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/http.hpp"
#include "net/dial.hpp"

namespace crosstalk::net {

struct websocket_place {
    bool tls = false;
    std::string host;
    std::uint16_t port = 0;
    std::string authority;  ///< for the Host field
    std::string target;
    std::string subprotocol;
    http::fields extra;  ///< more fields of the request
};

struct opened_websocket {
    byte_stream stream;
    std::string received;  ///< what came behind the handshake
};

/// When it fails, `trouble` says at which step and why.
[[nodiscard]] awaitable<result<opened_websocket>> open_websocket(resolver& names,
                                                                 const tls_client_context& tls,
                                                                 const websocket_place& place,
                                                                 std::string& trouble);

}  // namespace crosstalk::net
