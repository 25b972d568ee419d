// Implementation of character_data.hpp: plain bytes eight at a time, the others by a table.
#include "xmpp/character_data.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "xmpp/characters.hpp"

namespace crosstalk::xmpp {
namespace {

constexpr std::size_t longest_reference = 16;

constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = true;
    table['\t'] = true;
    table['&'] = table['>'] = table[']'] = false;
    return table;
}();

constexpr std::uint64_t ones = 0x0101010101010101;

constexpr std::uint64_t has_zero(std::uint64_t word) { return (word - ones) & ~word & (ones * 0x80); }

/// Whether all eight bytes are plain; also false for a few that are (TAB).
bool is_plain(const char* bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    const std::uint64_t foreign = ((word - ones * 0x20) | word) & (ones * 0x80);
    return (foreign | has_zero(word ^ ones * '&') | has_zero(word ^ ones * '>') |
            has_zero(word ^ ones * ']')) == 0;
}

std::size_t plain_length(std::string_view run) {
    std::size_t n = 0;
    while (n + 8 <= run.size() && is_plain(run.data() + n)) n += 8;
    while (n < run.size() && plain[static_cast<unsigned char>(run[n])]) ++n;
    return n;
}

void append_utf8(std::string& out, char32_t c) {
    const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | (c >> 6));
        tail(0);
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | (c >> 12));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0 | (c >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

/// `#65` or `#x41`; false when it names no character of XML.
bool append_numbered(std::string& out, std::string_view digits) {
    const bool is_hex = digits.starts_with('x');
    if (is_hex) digits.remove_prefix(1);
    if (digits.empty()) return false;
    char32_t c = 0;
    for (const char d : digits) {
        const char32_t base = is_hex ? 16 : 10;
        char32_t value = 16;
        if (d >= '0' && d <= '9') value = static_cast<char32_t>(d - '0');
        if (d >= 'a' && d <= 'f') value = static_cast<char32_t>(d - 'a' + 10);
        if (d >= 'A' && d <= 'F') value = static_cast<char32_t>(d - 'A' + 10);
        if (value >= base) return false;
        c = c * base + value;
        if (c > 0x10FFFF) return false;
    }
    const std::size_t before = out.size();
    append_utf8(out, c);
    return legal_character(std::string_view(out).substr(before)) == out.size() - before;
}

bool append_referred(std::string& out, std::string_view name) {
    if (name == "quot")
        out += '"';
    else if (name == "apos")
        out += '\'';
    else if (name == "amp")
        out += '&';
    else if (name == "lt")
        out += '<';
    else if (name == "gt")
        out += '>';
    else
        return name.starts_with('#') && append_numbered(out, name.substr(1));
    return true;
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

bool character_data::read(std::string& out, std::string_view run) {
    for (std::size_t at = 0; at < run.size();) {
        const std::size_t n = plain_length(run.substr(at));
        if (n > 0) {
            out.append(run, at, n);
            at += n;
            brackets_ = 0;
            after_cr_ = false;
            if (at == run.size()) break;
        }
        if (!read_special(out, run, at)) return false;
    }
    return true;
}

bool character_data::read_special(std::string& out, std::string_view run, std::size_t& at) {
    const char c = run[at];
    const unsigned brackets = std::exchange(brackets_, 0);
    const bool was_cr = std::exchange(after_cr_, false);
    switch (c) {
        case '&':
            return read_reference(out, run, at);
        case ']':
            brackets_ = std::min(brackets + 1, 2U);
            break;
        case '>':
            if (brackets == 2) return false;
            break;
        case '\r':
            after_cr_ = true;
            out += '\n';
            ++at;
            return true;
        case '\n':
            if (was_cr) {
                ++at;
                return true;
            }
            break;
        default:
            return read_wide(out, run, at);
    }
    out += c;
    ++at;
    return true;
}

bool character_data::read_reference(std::string& out, std::string_view run, std::size_t& at) {
    const std::string_view rest = run.substr(at + 1, longest_reference);
    const std::size_t end = rest.find(';');
    if (end == std::string_view::npos) {
        if (rest.size() == longest_reference) return false;
        cut_ = run.substr(at);
        at = run.size();
        return true;
    }
    at += end + 2;
    return append_referred(out, rest.substr(0, end));
}

bool character_data::read_wide(std::string& out, std::string_view run, std::size_t& at) {
    const std::string_view rest = run.substr(at);
    const std::size_t length = legal_character(rest);
    if (length == 0) {
        const auto first = static_cast<unsigned char>(rest[0]);
        const std::size_t whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        if (first < 0xC2 || rest.size() >= whole) return false;
        cut_ = rest;
        at = run.size();
        return true;
    }
    out.append(rest, 0, length);
    at += length;
    return true;
}

}  // namespace crosstalk::xmpp
