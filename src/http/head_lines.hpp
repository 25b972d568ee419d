// The lines of a head, each on its own: request line, status line, field line.
//
// A line comes without its CRLF.
#pragma once

#include <string_view>

#include "crosstalk/error.hpp"
#include "crosstalk/http.hpp"
#include "http/error.hpp"

namespace crosstalk::http {

/// Reads a request line into `head`. A target longer than `uri_limit` is errc::uri_too_long.
[[nodiscard]] error_code parse_request_line(std::string_view line, std::size_t uri_limit,
                                            request_head& head);
/// Reads a status line into `head`. The reason may be empty or missing with its space.
[[nodiscard]] error_code parse_status_line(std::string_view line, response_head& head);

/// A field line as views into it.
struct field_view {
    std::string_view name;
    std::string_view value;  ///< trimmed
};
[[nodiscard]] result<field_view> parse_field_line(std::string_view line);

}  // namespace crosstalk::http
