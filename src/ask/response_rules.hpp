// What HTTP makes of a peer's response (docs/protocol.md, section 3).
//
// Rule 1: a peer speaks for its own site alone: nothing that it says reaches another site's cookies or
//         the connection.
// Rule 2: what would split or garble the response is refused, never repaired.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"
#include "crosstalk/message.hpp"

namespace crosstalk::ask {

/// The head to send; nothing when the response cannot be passed on. `script_name` is "" for a site
/// under its own host; sites under a path share an origin and are kept apart in it. `now` is seconds
/// since 1970.
[[nodiscard]] std::optional<http::response_head> shape_response(talk::response_start start,
                                                                std::string_view script_name,
                                                                std::int64_t now);

/// The same for a 101 that was asked for: an upgrade to WebSocket.
[[nodiscard]] std::optional<http::response_head> shape_switch(talk::response_start start,
                                                              std::string_view script_name);

/// The value of Set-Cookie without Domain, and below `script_name` where that is not "".
[[nodiscard]] std::string confine_cookie(std::string_view value, std::string_view script_name);

}  // namespace crosstalk::ask
