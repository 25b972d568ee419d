// Dates in HTTP fields (RFC 9110, 5.6.7). Times are seconds since 1970-01-01T00:00:00Z.
//
// Rule: no locale, no time zone, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::http {

/// Appends e.g. "Sun, 06 Nov 1994 08:49:37 GMT". Years outside 0 to 9999 are clamped.
void append_date(std::string& out, std::int64_t seconds);
[[nodiscard]] std::string format_date(std::int64_t seconds);

/// Reads IMF-fixdate, RFC 850 and asctime dates. `now` settles the century of RFC 850's two-digit
/// years: one that seems more than 50 years ahead lies in the past. Nothing for anything else; the name
/// of the day is read but not compared with the date.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text, std::int64_t now);

}  // namespace crosstalk::http
