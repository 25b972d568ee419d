// Escaping: UTF-8 that prints stays as it is; control characters, bytes that are no UTF-8 and marks
// that turn the writing direction are spelt out.
#include "base/log_line.hpp"

#include <algorithm>
#include <cstdint>

namespace crosstalk::base {
namespace {

enum class style { text, json };

constexpr std::string_view digits = "0123456789abcdef";

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Length of the printable UTF-8 sequence of two to four bytes that `s` starts with, or 0.
std::size_t printable_sequence(std::string_view s) {
    auto const lead = static_cast<unsigned char>(s[0]);
    std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || s.size() < length) return 0;
    std::uint32_t code = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(s[i])) return 0;
        code = code << 6 | (static_cast<unsigned char>(s[i]) & 0x3fU);
    }
    if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000)) return 0;
    bool const is_scalar = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    bool const is_control = code < 0xa0 || (code >= 0x200e && code <= 0x200f) ||
                            (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return is_scalar && !is_control ? length : 0;
}

void append_hex(std::string& out, char c, style s) {
    auto const byte = static_cast<unsigned char>(c);
    out += s == style::json ? "\\u00" : "\\x";
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
}

void append_escaped(std::string& out, std::string_view value, style s) {
    std::size_t i = 0;
    while (i < value.size()) {
        char const c = value[i];
        std::size_t length = 1;
        if (c == '"' || c == '\\') {
            out.push_back('\\');
            out.push_back(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c >= 0x20 && c < 0x7f) {
            out.push_back(c);
        } else if (length =
                       static_cast<unsigned char>(c) < 0x80 ? 0 : printable_sequence(value.substr(i));
                   length > 0) {
            out.append(value.substr(i, length));
        } else {
            append_hex(out, c, s);
            length = 1;
        }
        i += length;
    }
}

void append_bounded(std::string& out, std::string_view value, style s) {
    if (value.size() <= max_log_value) return append_escaped(out, value, s);
    std::size_t end = max_log_value;
    while (end > max_log_value - 4 && is_continuation(value[end])) --end;
    append_escaped(out, value.substr(0, end), s);
    out += "...";
}

bool is_plain(std::string_view value) {
    return !value.empty() && value.size() <= max_log_value &&
           std::all_of(value.begin(), value.end(), [](char c) {
               return c > 0x20 && c < 0x7f && c != '"' && c != '\\' && c != '=';
           });
}

void append_quoted(std::string& out, std::string_view value, style s) {
    out.push_back('"');
    append_bounded(out, value, s);
    out.push_back('"');
}

}  // namespace

std::string text_line(std::string_view event, std::initializer_list<log_field> fields) {
    std::string out;
    append_bounded(out, event, style::text);
    for (log_field const& f : fields) {
        out.push_back(' ');
        out += f.key;
        out.push_back('=');
        if (is_plain(f.value))
            out += f.value;
        else
            append_quoted(out, f.value, style::text);
    }
    return out;
}

std::string json_members(std::string_view event, std::initializer_list<log_field> fields) {
    std::string out = "\"event\":";
    append_quoted(out, event, style::json);
    for (log_field const& f : fields) {
        out.push_back(',');
        append_quoted(out, f.key, style::json);
        out.push_back(':');
        append_quoted(out, f.value, style::json);
    }
    return out;
}

}  // namespace crosstalk::base
