// The proxy's own page: where an address is typed, and turned into that of the peer's site.
//
// Rule: it asks nobody and has nothing to protect: what it gives is a page or a redirection.
#pragma once

#include <string>
#include <string_view>

#include "ask/error_page.hpp"
#include "http/target.hpp"

namespace crosstalk::visit {

/// The answer to a request for the proxy itself: "/" is the page, "/?to=ADDRESS" and "/ADDRESS/PATH"
/// lead to a site, also with httpx:// and xmpp: in front of the address. `own` is the JID that asks,
/// `here` what the browser calls the proxy.
[[nodiscard]] ask::page answer_start(const http::request_head& head, std::string_view target,
                                     const http::authority& here, std::string_view own);

/// http://HOST:PORT of the peer's site, or "" when no host can stand for that address.
[[nodiscard]] std::string site_address(std::string_view bare, std::uint16_t port);

}  // namespace crosstalk::visit
