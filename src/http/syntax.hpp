// The small grammar that all of HTTP shares: tokens, field values, white space, lists.
//
// Rule: bytes, not text. No locale, and no allocation.
#pragma once

#include <optional>
#include <string_view>

namespace crosstalk::http {

/// tchar of RFC 9110, 5.6.2.
[[nodiscard]] bool is_token_char(char c) noexcept;
/// Whether `text` is a token: one tchar or more.
[[nodiscard]] bool is_token(std::string_view text) noexcept;
/// Whether `text` may stand as a field's value: TAB, 0x20 to 0x7E and 0x80 to 0xFF only.
[[nodiscard]] bool is_field_value(std::string_view text) noexcept;
/// Whether every byte is visible ASCII (0x21 to 0x7E); true for "".
[[nodiscard]] bool is_visible(std::string_view text) noexcept;

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
/// The value of a hexadecimal digit, or -1.
[[nodiscard]] int hex_value(char c) noexcept;
[[nodiscard]] constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

[[nodiscard]] std::string in_lower_case(std::string_view text);

/// `text` without the spaces and tabs around it (OWS).
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// Takes the next item off a separated list (commas as a rule), trimmed; separators inside quoted
/// strings do not count. Empty items come too, as "". Nothing once the list is used up:
///     for (auto rest = value; auto item = next_item(rest);) …
/// An empty list is one empty item. `rest` is left with a null data() at the end.
[[nodiscard]] std::optional<std::string_view> next_item(std::string_view& rest,
                                                        char separator = ',') noexcept;
/// Whether the comma-separated `list` has `token` among its items, compared without case.
[[nodiscard]] bool has_item(std::string_view list, std::string_view token) noexcept;

/// Whether a request may carry this field once only (Host, Content-Type, Authorization, …).
[[nodiscard]] bool is_singleton(std::string_view name) noexcept;

}  // namespace crosstalk::http
