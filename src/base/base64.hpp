// Base64 (RFC 4648, section 4), strict: canonical padding, no white space.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::base {

/// Length of the encoding of n bytes.
[[nodiscard]] constexpr std::size_t base64_size(std::size_t n) noexcept { return (n + 2) / 3 * 4; }

/// Appends the encoding of `bytes` to `out`.
void append_base64(std::string& out, std::string_view bytes);
[[nodiscard]] std::string to_base64(std::string_view bytes);

/// The bytes, or nothing when `text` is not exactly what to_base64 would have written.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace crosstalk::base
