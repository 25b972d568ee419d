// Whose page in the browser has made a request.
//
// Rule: whoever asks through the proxy asks as its user. So a page may ask the site that it came from
//       and no other; links from anywhere may be followed, as everywhere on the web.
#pragma once

#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::visit {

/// Whether the request comes from the site itself, from a link that the user follows, or from a program
/// that is no browser. By Sec-Fetch-* (Fetch Metadata) where the browser says it, else by Origin (RFC
/// 6454, 7); a browser that says neither is not let in. `host` is the request's Host as it stands
/// there.
[[nodiscard]] bool may_ask(const http::request_head& head, std::string_view host);

}  // namespace crosstalk::visit
