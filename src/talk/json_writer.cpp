// See json_writer.hpp. Tables decide per byte what is copied, escaped or counted.
#include "talk/json_writer.hpp"

#include <algorithm>
#include <array>

#include "base/base64.hpp"
#include "base/eight_bytes.hpp"
#include "talk/utf8.hpp"

namespace crosstalk::talk {
namespace {

constexpr std::array<std::string_view, 256> make_escapes(surroundings where) {
    std::array<std::string_view, 256> table{};
    constexpr std::string_view control[] = {
        "\\u0000", "\\u0001", "\\u0002", "\\u0003", "\\u0004", "\\u0005", "\\u0006", "\\u0007",
        "\\b",     "\\t",     "\\n",     "\\u000b", "\\f",     "\\r",     "\\u000e", "\\u000f",
        "\\u0010", "\\u0011", "\\u0012", "\\u0013", "\\u0014", "\\u0015", "\\u0016", "\\u0017",
        "\\u0018", "\\u0019", "\\u001a", "\\u001b", "\\u001c", "\\u001d", "\\u001e", "\\u001f"};
    for (std::size_t i = 0; i < 32; ++i) table[i] = control[i];
    table['"'] = "\\\"";
    table['\\'] = "\\\\";
    if (where == surroundings::nothing) return table;
    table['&'] = "&amp;";
    table['<'] = "&lt;";
    table['>'] = "&gt;";
    return table;
}
constexpr auto escapes = make_escapes(surroundings::xml);
constexpr auto plain_escapes = make_escapes(surroundings::nothing);

// What one byte of text costs inside a JSON string once a server has written it.
constexpr std::array<std::uint8_t, 256> make_costs() {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i < 256; ++i)
        table[i] = escapes[i].empty() ? std::uint8_t{1} : static_cast<std::uint8_t>(escapes[i].size());
    table['"'] = 7;
    table['\''] = 6;
    return table;
}
constexpr auto costs = make_costs();

// Bytes that cannot simply be copied: escapes, quotes (counted), and the lead byte of U+FFFE and
// U+FFFF.
constexpr std::array<bool, 256> make_special() {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 256; ++i) table[i] = !escapes[i].empty();
    table['\''] = true;
    table[0xEF] = true;
    return table;
}
constexpr auto special = make_special();

constexpr unsigned char byte_at(std::string_view s, std::size_t i) {
    return static_cast<unsigned char>(s[i]);
}

/// How many of these are copied as they are and cost one each, before the first that is not.
std::size_t plain_in(const base::eight_bytes& next) {
    return base::eight_bytes::first(next.marks_beyond_text() | next.marks('"') | next.marks('\\') |
                                    next.marks('&') | next.marks('<') | next.marks('>') |
                                    next.marks('\''));
}

/// The same for all that follows `at`.
std::size_t plain_length(std::string_view text, std::size_t at) {
    std::size_t end = at;
    for (; end + 8 <= text.size(); end += 8) {
        const std::size_t plain = plain_in(base::eight_bytes(text.data() + end));
        if (plain < 8) return end + plain - at;
    }
    const std::size_t left = text.size() - end;
    return end + std::min(left, plain_in(base::eight_bytes(text.data() + end, left))) - at;
}

bool is_noncharacter(std::string_view s, std::size_t i) {
    return i + 2 < s.size() && byte_at(s, i) == 0xEF && byte_at(s, i + 1) == 0xBF &&
           byte_at(s, i + 2) >= 0xBE;
}

struct text_fit {
    std::size_t bytes = 0, cost = 0;
    bool is_text = true;
};

text_fit fit_text(std::string_view body, std::size_t budget) {
    text_fit r;
    while (r.bytes < body.size()) {
        if (const std::size_t plain =
                plain_length(body.substr(0, r.bytes + budget - r.cost), r.bytes)) {
            r.bytes += plain;
            r.cost += plain;
            continue;
        }
        const unsigned char c = byte_at(body, r.bytes);
        std::size_t length = 1;
        std::size_t cost = costs[c];
        if (c >= 0x80) {
            length = sequence_length(body, r.bytes);
            if (length == 0) {
                r.is_text = false;
                break;
            }
            if (r.bytes + length > body.size()) break;
            cost = is_noncharacter(body, r.bytes) ? 6 : length;
        }
        if (r.cost + cost > budget) break;
        r.bytes += length;
        r.cost += cost;
    }
    return r;
}

}  // namespace

fit fit_body(std::string_view body, std::size_t budget) noexcept {
    const std::size_t most = budget / 4 * 3;
    const std::size_t bytes = std::min(body.size(), most);
    const fit binary{bytes, true, base::base64_size(bytes)};
    const text_fit text = fit_text(body, budget);
    if (!text.is_text || text.bytes == 0) return binary;
    // Base64 brings its `encoding` member along; text that costs as much per byte is still cheaper.
    if (text.cost * 3 <= text.bytes * 4) return {text.bytes, false, text.cost};
    return binary;
}

void object_writer::begin_value(std::string_view key) {
    out_ += first_ ? "\"" : ",\"";
    first_ = false;
    out_ += key;
    out_ += "\":";
    quotes_ += 2;
}

void object_writer::plain(std::string_view key, std::string_view value) {
    const std::size_t comma = first_ ? 0 : 1;
    const std::size_t at = out_.size();
    out_.resize(at + comma + key.size() + value.size() + 5, '"');
    char* to = out_.data() + at;
    if (comma != 0) *to = ',';
    to += comma + 1;
    to += key.copy(to, key.size()) + 1;
    *to = ':';
    value.copy(to + 2, value.size());
    first_ = false;
    quotes_ += 4;
}

void object_writer::latin1(std::string_view key, std::string_view value) {
    if (plain_length(value, 0) == value.size()) return plain(key, value);
    begin_value(key);
    quoted_latin1(value);
}

void object_writer::number(std::string_view key, std::uint64_t value) {
    begin_value(key);
    out_ += std::to_string(value);
}

void object_writer::strings(std::string_view key, const std::vector<std::string>& list) {
    begin_value(key);
    out_ += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (i != 0) out_ += ',';
        quoted_latin1(list[i]);
    }
    out_ += ']';
}

void object_writer::body(std::string_view bytes, const fit& how) {
    begin_value("data");
    out_ += '"';
    if (how.base64)
        base::append_base64(out_, bytes);
    else
        escape(bytes);
    out_ += '"';
    quotes_ += 2;
    if (how.base64) plain("encoding", "base64");
}

void object_writer::quoted_latin1(std::string_view bytes) {
    out_ += '"';
    escape_latin1(bytes);
    out_ += '"';
    quotes_ += 2;
}

void object_writer::escape(std::string_view text) {
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        i += plain_length(text, i);
        if (i == text.size()) break;
        const unsigned char c = byte_at(text, i);
        if (!special[c]) continue;
        if (c == '"' || c == '\'') ++quotes_;
        std::string_view escaped = escapes[c];
        std::size_t length = 1;
        if (c == 0xEF && is_noncharacter(text, i)) {
            escaped = byte_at(text, i + 2) == 0xBE ? "\\ufffe" : "\\uffff";
            length = 3;
        }
        if (escaped.empty()) continue;
        out_.append(text, done, i - done);
        out_ += escaped;
        done = i + length;
        i += length - 1;
    }
    out_.append(text, done, text.size() - done);
}

void object_writer::escape_latin1(std::string_view bytes) {
    const auto& table = where_ == surroundings::xml ? escapes : plain_escapes;
    std::size_t done = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        i += plain_length(bytes, i);
        if (i == bytes.size()) break;
        const unsigned char c = byte_at(bytes, i);
        if (c == '"' || c == '\'') ++quotes_;
        if (c < 0x80 && table[c].empty()) continue;
        out_.append(bytes, done, i - done);
        if (c < 0x80) {
            out_ += table[c];
        } else {
            out_ += static_cast<char>(0xC0 | (c >> 6));
            out_ += static_cast<char>(0x80 | (c & 0x3F));
        }
        done = i + 1;
    }
    out_.append(bytes, done, bytes.size() - done);
}

}  // namespace crosstalk::talk
