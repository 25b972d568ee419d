// What a client would like to get (RFC 9110, 12.5).
#pragma once

#include <string_view>

namespace crosstalk::http {

/// How much an Accept value wants a media type ("text", "html"), in thousandths: 0 = not at all. The
/// most specific range that matches decides; malformed items count for nothing.
[[nodiscard]] unsigned quality_of(std::string_view accept, std::string_view type,
                                  std::string_view subtype) noexcept;

/// Whether an error page for this Accept value should be HTML: it takes text/html, and text/plain no
/// more than that. False for "".
[[nodiscard]] bool accepts_html(std::string_view accept) noexcept;

/// How much an Accept-Encoding value wants a content coding ("gzip", "br", "identity"), in thousandths:
/// 0 = not at all, or not named while there is no `*`. x-gzip is gzip; malformed items count for
/// nothing.
[[nodiscard]] unsigned coding_quality_of(std::string_view accept_encoding,
                                         std::string_view coding) noexcept;

}  // namespace crosstalk::http
