// The receiver's side: from a request object back to a request, believing nothing unchecked
// (protocol, section 2).
//
// Rule 1: variables that section 2 does not name are dropped, whatever they are: PHP_VALUE, LD_PRELOAD
//         and their kind never come near an environment.
// Rule 2: REQUEST_URI decides; NON_QUERY_URI, SCRIPT_NAME, PATH_INFO and QUERY_STRING have to agree.
// Rule 3: what only a gateway can know is believed only from a gateway.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cgi/error.hpp"
#include "crosstalk/environ.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::cgi {

/// Who sent the request object.
enum class sender : std::uint8_t {
    gateway,  ///< one that the peer is configured for
    anyone,   ///< any other JID
};

struct incoming_request {
    std::string method;
    std::string target;       ///< REQUEST_URI: origin-form as the client wrote it, or "*"
    std::string script_name;  ///< what `target` starts with: "" or "/NAME"
    std::string path_info;    ///< decoded bytes; no dot segments; may hold NUL
    std::string query;        ///< as the client wrote it, without the question mark
    unsigned version_minor = 1;
    /// End-to-end fields with names like `Accept-Language`, Content-Type among them; Content-Length,
    /// Connection and Upgrade are not.
    http::fields headers;
    std::optional<std::uint64_t> content_length;
    bool websocket = false;  ///< a GET without a body that asks for an upgrade to websocket

    // From a gateway its word; from anyone else auth_type is "XMPP", remote_user the sender's bare JID,
    // and the rest is empty.
    std::string auth_type, remote_user;
    std::string remote_addr, remote_port;
    std::string server_name, server_port, server_software;
    std::string scheme;  ///< "http", "https" or ""
};

/// Checks and filters `request`. `from` is the JID that the stanza came from. Errors are of errc.
[[nodiscard]] result<incoming_request> read_incoming(const environ_map& request, sender who,
                                                     std::string_view from);

}  // namespace crosstalk::cgi
