// The gateway's side: from an HTTP request to the request object (protocol, section 2).
//
// Rule 1: only RFC 3875 names, REQUEST_URI, NON_QUERY_URI, wsgi.url_scheme and HTTP_* come out.
// Rule 2: hop-by-hop fields, those that `Connection` names, Expect, Proxy and fields whose name is not
//         of [A-Za-z0-9-] stay here.
// Rule 3: Forwarded and X-Forwarded-* of the head are the client's word and stay here too: what is to
//         be passed on comes in request_facts::forwarded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cgi/error.hpp"
#include "crosstalk/environ.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::cgi {

/// What the gateway knows beside the head itself.
struct request_facts {
    std::string script_name;  ///< "" for a site under its own host, "/NAME" under a path prefix
    std::string target;       ///< origin-form as the client wrote it, or "*"
    std::string scheme = "http";
    std::string server_name;
    std::uint16_t server_port = 80;
    std::string remote_addr;        ///< "" = not told
    std::uint16_t remote_port = 0;  ///< 0 = not told
    std::string server_software;
    std::optional<std::string> auth_type, remote_user;  ///< of a visitor that the gateway has verified
    http::fields forwarded;                             ///< Forwarded and X-Forwarded-* to be passed on
    bool websocket = false;                             ///< an upgrade to websocket that is to cross
};

/// The request object for `head`. Errors are of errc; status_of() has their HTTP status.
[[nodiscard]] result<environ_map> make_environ(const http::request_head& head,
                                               const request_facts& facts);

}  // namespace crosstalk::cgi
