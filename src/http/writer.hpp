// The HTTP/1 writer: heads and chunk frames, written by hand into one string.
//
// Rule: nothing is repaired or dropped here. What is_safe() refuses must not be written: it would
//       split the message.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::http {

/// Whether every name is a token and every value may stand in a field line (no CR, LF, NUL).
[[nodiscard]] bool is_safe(const fields& headers) noexcept;
/// The same with the request line: method a token, target visible ASCII and not empty.
[[nodiscard]] bool is_safe(const request_head& head) noexcept;
/// The same with the status line: status 100 to 599, reason a field value.
[[nodiscard]] bool is_safe(const response_head& head) noexcept;

/// Appends request line, fields and the empty line. `head` has to be safe.
void append_request_head(std::string& out, const request_head& head);
/// Appends status line, fields and the empty line. `head` has to be safe. An empty reason is replaced
/// by the usual phrase of the status. Always writes HTTP/1.1, whatever `version_minor` says
/// (RFC 9112, 2.3: a server's version is its own).
void append_response_head(std::string& out, const response_head& head);

/// Appends one field line.
void append_field(std::string& out, std::string_view name, std::string_view value);
/// Appends `number` in decimal.
void append_decimal(std::string& out, std::uint64_t number);

/// Appends the line in front of a chunk of `size` bytes (size > 0); `chunk_end` goes behind the bytes.
void append_chunk_size(std::string& out, std::uint64_t size);
inline constexpr std::string_view chunk_end = "\r\n";
/// What ends a chunked body.
inline constexpr std::string_view last_chunk = "0\r\n\r\n";
/// What tells a client to go on with its body.
inline constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace crosstalk::http
