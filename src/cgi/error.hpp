// Why a request cannot become a request object, or a request object a request.
#pragma once

#include "crosstalk/error.hpp"

namespace crosstalk::cgi {

enum class errc {
    bad_method = 1,       ///< the method is no token
    bad_target,           ///< neither origin-form nor `*`, or a broken percent-encoding
    dot_segment,          ///< `.` or `..` in the path, encoded or not
    outside_site,         ///< the target does not start with SCRIPT_NAME as written
    bad_field_value,      ///< CR, LF or NUL where it may not be
    repeated_field,       ///< a field that may come once came twice
    bad_content_length,   ///< not digits, or beyond 2^53-1
    inconsistent_target,  ///< REQUEST_URI, NON_QUERY_URI, SCRIPT_NAME, PATH_INFO, QUERY_STRING disagree
    bad_protocol,         ///< SERVER_PROTOCOL is not HTTP/1.0 or HTTP/1.1
};

[[nodiscard]] const boost::system::error_category& cgi_category() noexcept;
[[nodiscard]] inline error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), cgi_category()};
}

/// The HTTP status that says it to the client: 404 for outside_site, else 400.
[[nodiscard]] unsigned status_of(error_code error) noexcept;

}  // namespace crosstalk::cgi

template <>
struct boost::system::is_error_code_enum<crosstalk::cgi::errc> : std::true_type {};
