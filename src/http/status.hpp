// Status codes in words (RFC 9110, 15, and the registry).
#pragma once

#include <string_view>

namespace crosstalk::http {

/// The usual phrase, e.g. "Not Found"; "" for a status that has none.
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;

/// Whether a response with this status never has a body (RFC 9110, 6.4.1): 1xx, 204, 304.
[[nodiscard]] constexpr bool is_bodyless(unsigned status) noexcept {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace crosstalk::http
