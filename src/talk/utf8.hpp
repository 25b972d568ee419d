// UTF-8 as bodies need it: where characters begin and end, and characters that stand for bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::talk {

/// Length of the UTF-8 sequence at `at`: 0 when it is not one, and beyond the end when it is cut off
/// there.
[[nodiscard]] std::size_t sequence_length(std::string_view text, std::size_t at) noexcept;

/// The byte for each character of `text`, which is UTF-8; nothing when one is above U+00FF.
[[nodiscard]] std::optional<std::string> bytes_of_characters(std::string_view text);

}  // namespace crosstalk::talk
