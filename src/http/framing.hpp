// How long a message's body is, by its fields alone (RFC 9112, 6).
//
// Rule: exactly one way to tell the length, or the message is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crosstalk/error.hpp"
#include "crosstalk/http.hpp"
#include "http/error.hpp"

namespace crosstalk::http {

struct framing {
    bool chunked = false;
    std::optional<std::uint64_t> length;  ///< what Content-Length says
};

/// Reads Content-Length and Transfer-Encoding. Either once, never both, and no Transfer-Encoding in
/// HTTP/1.0.
[[nodiscard]] result<framing> read_framing(const fields& headers, unsigned version_minor);

/// A plain decimal number up to 2^63-1; nothing for signs, lists, white space or no digit at all.
[[nodiscard]] std::optional<std::uint64_t> parse_length(std::string_view text) noexcept;

/// The size that a chunk's first line announces, 0 for the last one. `line` comes without CRLF.
struct chunk_line {
    std::uint64_t size = 0;
    std::size_t extension_bytes = 0;
};
/// Nothing unless the line is hex digits with well-formed extensions (RFC 9112, 7.1.1) behind them.
[[nodiscard]] std::optional<chunk_line> parse_chunk_line(std::string_view line) noexcept;

}  // namespace crosstalk::http
