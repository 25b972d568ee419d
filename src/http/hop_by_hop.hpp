// Fields that speak of one connection and never travel further (RFC 9110, 7.6.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/http.hpp"

namespace crosstalk::http {

/// Whether a field of this name is for one connection only: Connection, Proxy-Connection, Keep-Alive,
/// TE, Trailer, Transfer-Encoding, Upgrade, HTTP2-Settings, Proxy-Authenticate, Proxy-Authorization,
/// Proxy-Authentication-Info.
[[nodiscard]] bool is_hop_by_hop(std::string_view name) noexcept;

/// What the Connection fields name, as written, tokens only.
[[nodiscard]] std::vector<std::string> connection_options(const fields& headers);
/// Whether a Connection field names `option`.
[[nodiscard]] bool has_connection_option(const fields& headers, std::string_view option) noexcept;
/// Whether the sender asks for, or grants, an upgrade to WebSocket and to nothing else.
[[nodiscard]] bool is_websocket_upgrade(const fields& headers) noexcept;

/// Removes hop-by-hop fields and those that Connection names. Host, Content-* and other fields without
/// which the message would mean something else stay, whatever Connection says.
void remove_hop_by_hop(fields& headers);

}  // namespace crosstalk::http
