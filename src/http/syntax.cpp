// Tokens, field values and lists, by table.
#include "http/syntax.hpp"

#include <algorithm>
#include <array>

#include "base/eight_bytes.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::http {

namespace {

enum : unsigned char { token_bit = 1, value_bit = 2, visible_bit = 4 };

constexpr std::array<unsigned char, 256> make_classes() {
    std::array<unsigned char, 256> classes{};
    for (unsigned c = 0; c < 256; ++c) {
        unsigned char bits = 0;
        const bool alphanumeric =
            (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
        if (alphanumeric || (c < 128 && marks.find(static_cast<char>(c)) != marks.npos))
            bits |= token_bit;
        if (c == '\t' || (c >= 0x20 && c != 0x7F)) bits |= value_bit;
        if (c > 0x20 && c < 0x7F) bits |= visible_bit;
        classes[c] = bits;
    }
    return classes;
}

constexpr auto classes = make_classes();

bool all_are(std::string_view text, unsigned char bit) noexcept {
    for (const char c : text) {
        if ((classes[static_cast<unsigned char>(c)] & bit) == 0) return false;
    }
    return true;
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

/// Where the list item at the front of `list` ends.
std::size_t item_end(std::string_view list, char separator) noexcept {
    bool quoted = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] == '"') {
            quoted = !quoted;
        } else if (quoted && list[i] == '\\') {
            ++i;
        } else if (!quoted && list[i] == separator) {
            return i;
        }
    }
    return list.size();
}

}  // namespace

bool is_token_char(char c) noexcept {
    return (classes[static_cast<unsigned char>(c)] & token_bit) != 0;
}

bool is_token(std::string_view text) noexcept { return !text.empty() && all_are(text, token_bit); }

bool is_field_value(std::string_view text) noexcept {
    // Plain text, eight bytes at a time; the table judges the rest.
    while (text.size() >= 8) {
        const base::eight_bytes next(text.data());
        if ((next.marks_beyond_text() | next.marks('\x7F')) != 0) break;
        text.remove_prefix(8);
    }
    return all_are(text, value_bit);
}

bool is_visible(std::string_view text) noexcept { return all_are(text, visible_bit); }

int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const char lower = to_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = to_lower(c);
    return lower;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> next_item(std::string_view& rest, char separator) noexcept {
    if (rest.data() == nullptr) return std::nullopt;
    const std::size_t end = item_end(rest, separator);
    const auto item = trim(rest.substr(0, end));
    rest = end == rest.size() ? std::string_view{} : rest.substr(end + 1);
    return item;
}

bool has_item(std::string_view list, std::string_view token) noexcept {
    while (const auto item = next_item(list)) {
        if (iequals(*item, token)) return true;
    }
    return false;
}

bool is_singleton(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 21> singletons = {
        "host",          "content-length", "content-type",      "transfer-encoding",
        "authorization", "user-agent",     "referer",           "origin",
        "range",         "if-range",       "if-modified-since", "if-unmodified-since",
        "date",          "content-range",  "content-location",  "proxy-authorization",
        "from",          "max-forwards",   "sec-websocket-key", "expect",
        "content-md5",
    };
    // Most names differ in length already: no call for those.
    return std::any_of(singletons.begin(), singletons.end(), [name](std::string_view one) {
        return one.size() == name.size() && iequals(one, name);
    });
}

}  // namespace crosstalk::http
