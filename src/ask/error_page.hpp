// What a visitor sees when something went wrong: HTML where the client takes it, else plain text.
//
// Rule 1: everything in it is escaped, nothing is loaded from anywhere, and nobody is advertised.
// Rule 2: it is never stored by a cache.
#pragma once

#include <string>
#include <string_view>

#include "ask/failure.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::ask {

/// A whole response.
struct page {
    http::response_head head;
    std::string body;
};

/// The page for a failure; `accept` is the request's Accept, "" when there was none.
[[nodiscard]] page error_page(const failure& what, std::string_view accept);
/// A page of ours in the same dress: `heading` is text, `content` HTML.
[[nodiscard]] page html_page(unsigned status, std::string_view heading, std::string_view content);
/// 308 to `location`, a path with query or a URL.
[[nodiscard]] page redirect_page(std::string location);
/// A short plain text, for machines.
[[nodiscard]] page text_page(unsigned status, std::string text);
/// 204 with what the gateway as a whole can do (RFC 9110, 9.3.7).
[[nodiscard]] page options_page();

}  // namespace crosstalk::ask
