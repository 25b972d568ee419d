// Implementation of character_data.hpp: plain bytes eight at a time, the others one by one.
//
// Rule: what is written is never longer than what it stands for.
#include "xmpp/character_data.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/eight_bytes.hpp"
#include "xmpp/characters.hpp"

namespace crosstalk::xmpp {
namespace {

constexpr std::size_t longest_reference = 16;
constexpr std::string_view quote = "&quot;";

/// How many of eight bytes, from the front, stand for themselves.
std::size_t plain_count(const base::eight_bytes& bytes) {
    return base::eight_bytes::first(bytes.marks_beyond_text() | bytes.marks('&') | bytes.marks('>') |
                                    bytes.marks(']'));
}

/// Copies what stands for itself in front of `run`, eight bytes at a time; how much that is. `to` has
/// room for all of the run.
std::size_t copy_plain(char* to, std::string_view run) {
    std::size_t n = 0;
    while (n + 8 <= run.size()) {
        std::memcpy(to + n, run.data() + n, 8);
        const std::size_t plain = plain_count(base::eight_bytes(run.data() + n));
        n += plain;
        if (plain < 8) return n;
    }
    std::array<char, 8> rest{};
    const std::size_t left = run.copy(rest.data(), rest.size(), n);
    const std::size_t plain = std::min(plain_count(base::eight_bytes(rest.data())), left);
    std::memcpy(to + n, rest.data(), plain);
    return n + plain;
}

char* write_utf8(char* to, char32_t c) {
    const auto put = [&](char32_t byte) { *to++ = static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xC0 | (c >> 6));
        put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        put(0xE0 | (c >> 12));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    } else {
        put(0xF0 | (c >> 18));
        put(0x80 | ((c >> 12) & 0x3F));
        put(0x80 | ((c >> 6) & 0x3F));
        put(0x80 | (c & 0x3F));
    }
    return to;
}

/// The number in `65` or `x41`; beyond all characters when it is none.
char32_t number_in(std::string_view digits) {
    constexpr char32_t none = 0x110000;
    const bool is_hex = digits.starts_with('x');
    if (is_hex) digits.remove_prefix(1);
    char32_t c = digits.empty() ? none : 0;
    for (const char d : digits) {
        const char32_t base = is_hex ? 16 : 10;
        char32_t value = base;
        if (d >= '0' && d <= '9') value = static_cast<char32_t>(d - '0');
        if (is_hex && d >= 'a' && d <= 'f') value = static_cast<char32_t>(d - 'a' + 10);
        if (is_hex && d >= 'A' && d <= 'F') value = static_cast<char32_t>(d - 'A' + 10);
        c = value < base && c < none ? c * base + value : none;
    }
    return c;
}

/// `65` or `x41`; null when it names no character of XML.
char* write_numbered(char* to, std::string_view digits) {
    const char32_t c = number_in(digits);
    if (c > 0x10FFFF) return nullptr;
    char* const end = write_utf8(to, c);
    const std::string_view written(to, static_cast<std::size_t>(end - to));
    return legal_character(written) == written.size() ? end : nullptr;
}

/// What `name` refers to, for `&name;`; null when that is nothing.
char* write_referred(char* to, std::string_view name) {
    if (name.starts_with('#')) return write_numbered(to, name.substr(1));
    constexpr std::array<std::pair<std::string_view, char>, 5> entities{
        {{"quot", '"'}, {"apos", '\''}, {"amp", '&'}, {"lt", '<'}, {"gt", '>'}}};
    for (const auto& [entity, c] : entities) {
        if (name != entity) continue;
        *to = c;
        return to + 1;
    }
    return nullptr;
}

}  // namespace

bool character_data::append(std::string& out, std::string_view run) {
    if (cut_.empty()) return read(out, run);
    std::string joined = std::move(cut_);
    cut_.clear();
    joined += run;
    return read(out, joined);
}

bool character_data::end() {
    const bool is_whole = cut_.empty();
    cut_.clear();
    brackets_ = 0;
    after_cr_ = false;
    return is_whole;
}

bool character_data::read(std::string& out, std::string_view rest) {
    const std::size_t begin = out.size();
    out.resize(begin + rest.size());
    char* to = out.data() + begin;
    bool is_good = true;
    while (is_good && !rest.empty()) {
        if (const std::size_t plain = copy_plain(to, rest); plain > 0) {
            to += plain;
            rest.remove_prefix(plain);
            brackets_ = 0;
            after_cr_ = false;
        }
        if (rest.starts_with(quote)) {  // what JSON is full of
            *to++ = '"';
            rest.remove_prefix(quote.size());
            brackets_ = 0;
            after_cr_ = false;
        } else if (!rest.empty()) {
            is_good = read_special(to, rest);
        }
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
    return is_good;
}

bool character_data::read_special(char*& to, std::string_view& rest) {
    const unsigned brackets = std::exchange(brackets_, 0);
    const bool was_cr = std::exchange(after_cr_, false);
    char c = rest.front();
    switch (c) {
        case '&':
            return read_reference(to, rest);
        case ']':
            brackets_ = std::min(brackets + 1, 2U);
            break;
        case '>':
            if (brackets == 2) return false;
            break;
        case '\r':
            after_cr_ = true;
            c = '\n';
            break;
        case '\n':
            if (!was_cr) break;
            rest.remove_prefix(1);
            return true;
        default:
            return read_wide(to, rest);
    }
    *to++ = c;
    rest.remove_prefix(1);
    return true;
}

bool character_data::read_reference(char*& to, std::string_view& rest) {
    const std::string_view name = rest.substr(1, longest_reference);
    const std::size_t end = name.find(';');
    if (end == std::string_view::npos) {
        if (name.size() == longest_reference) return false;
        cut_ = std::exchange(rest, {});
        return true;
    }
    char* const written = write_referred(to, name.substr(0, end));
    if (written == nullptr) return false;
    to = written;
    rest.remove_prefix(end + 2);
    return true;
}

bool character_data::read_wide(char*& to, std::string_view& rest) {
    const std::size_t length = legal_character(rest);
    if (length == 0) {
        const auto first = static_cast<unsigned char>(rest[0]);
        const std::size_t whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || rest.size() >= whole) return false;
        cut_ = std::exchange(rest, {});
        return true;
    }
    to += rest.copy(to, length);
    rest.remove_prefix(length);
    return true;
}

}  // namespace crosstalk::xmpp
