// The heads of a reverse proxy: what a local app is asked, and what of its answer visitors see.
//
// Rule 1: Host stays as the visitor wrote it; hop-by-hop fields never pass, in either direction.
// Rule 2: Remote-User is the gateway's word or absent; a visitor's own is dropped, in any spelling.
// Rule 3: the app sees paths below its own base path, the visitor paths below SCRIPT_NAME; redirections
//         and cookie paths are put back accordingly, everything else passes as it is.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cgi/incoming.hpp"
#include "crosstalk/message.hpp"
#include "peer/settings.hpp"

namespace crosstalk::peer {

/// How the request's body goes to the app.
struct body_framing {
    std::optional<std::uint64_t> length;  ///< Content-Length
    bool is_chunked = false;
};

/// The request to the app.
[[nodiscard]] http::request_head app_request(const cgi::incoming_request& request,
                                             const http_target& app, const body_framing& body);

/// The response to the visitor. Nothing for a status that no visitor may get: 1xx, but for a 101 to a
/// request for a WebSocket.
[[nodiscard]] std::optional<talk::response_start> visitor_response(http::response_head head,
                                                                   const cgi::incoming_request& request,
                                                                   const http_target& app);

/// What people call the app: "http://127.0.0.1:3000", "unix:/run/app.sock".
[[nodiscard]] std::string name_of(const http_target& app);

}  // namespace crosstalk::peer
