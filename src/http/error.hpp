// What is wrong with bytes that claim to be HTTP, and which status says so to a client.
#pragma once

#include "crosstalk/error.hpp"

namespace crosstalk::http {

enum class errc {
    bad_request_line = 1,     ///< not METHOD SP TARGET SP VERSION
    bad_method,               ///< the method is not a token
    method_too_long,          ///< longer than any method that exists
    bad_target,               ///< control, 8-bit or forbidden bytes, or the wrong form for the method
    uri_too_long,             ///< the target is over its limit
    unsupported_version,      ///< neither HTTP/1.0 nor HTTP/1.1
    bad_status_line,          ///< not VERSION SP 3DIGIT, or a status outside 100 to 599
    bad_line_end,             ///< a bare CR or a bare LF
    bad_field_name,           ///< no colon, or a name that is not a token
    space_before_colon,       ///< white space between a field's name and its colon
    bad_field_value,          ///< NUL or another control character in a value
    obsolete_folding,         ///< a field value continued on a second line
    head_too_large,           ///< the fields are over their limit
    too_many_fields,          ///< more fields than allowed
    missing_host,             ///< HTTP/1.1 without Host
    bad_host,                 ///< a Host that is no host with an optional port
    doubled_field,            ///< a field that may come once came twice
    bad_content_length,       ///< not a plain decimal number within reason
    ambiguous_length,         ///< Content-Length beside Transfer-Encoding
    bad_transfer_encoding,    ///< doubled, empty, misplaced, or in HTTP/1.0
    unknown_transfer_coding,  ///< a coding other than chunked
    bad_chunk,                ///< a chunk size, extension or end that is none
    chunk_overhead,           ///< chunk extensions over their limit
    unexpected_response,      ///< bytes of a response that nobody has asked for
    too_many_interim_responses,  ///< 1xx without end
    truncated,                   ///< the connection ended inside a message
    bad_proxy_header,            ///< what begins like a PROXY header is none
    closed,                      ///< the connection ended between two messages
    unknown_protocol,            ///< an extended CONNECT for something else than a WebSocket
    http2_broken,                ///< the bytes are not HTTP/2: the connection is of no use any more
};

[[nodiscard]] error_code make_error_code(errc e) noexcept;

/// The status for a client whose request was refused so: 400, 414, 431, 501 or 505. An error of
/// another category than this room's is 500.
[[nodiscard]] unsigned status_of(error_code e) noexcept;

}  // namespace crosstalk::http

template <>
struct boost::system::is_error_code_enum<crosstalk::http::errc> : std::true_type {};
