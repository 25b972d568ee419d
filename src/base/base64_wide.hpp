// Base64 in steps of 24 and 32 bytes, where the processor can (AVX2).
//
// Both take as many whole steps as there are and leave the rest to the tables of base64.cpp.
#pragma once

#include <cstddef>
#include <string_view>

namespace crosstalk::base {

/// Writes the characters for the front of `bytes` to `to`; how many bytes it took, a multiple of 3.
[[nodiscard]] std::size_t write_wide(char* to, std::string_view bytes) noexcept;

/// Writes the bytes for the front of `text` to `to`, where 8 bytes more than there are may be
/// overwritten; how many characters it took, a multiple of 4. It stops at the first foreign one.
[[nodiscard]] std::size_t read_wide(char* to, std::string_view text) noexcept;

}  // namespace crosstalk::base
