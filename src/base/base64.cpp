// Base64 by table: two characters per look-up when writing, one word per four characters when reading.
#include "base/base64.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include "base/base64_wide.hpp"

namespace crosstalk::base {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t not_base64 = 0xffffffff;

/// Twelve bits -> two characters.
constexpr auto pairs = [] {
    std::array<std::array<char, 2>, 4096> table{};
    for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 63]};
    return table;
}();

/// Character -> its six bits, or not_base64.
constexpr auto sextets = [] {
    std::array<std::uint32_t, 256> table{};
    table.fill(not_base64);
    for (std::uint32_t i = 0; i < alphabet.size(); ++i)
        table[static_cast<unsigned char>(alphabet[i])] = i;
    return table;
}();

constexpr std::uint32_t byte_at(std::string_view s, std::size_t i) {
    return static_cast<unsigned char>(s[i]);
}

char* write_pair(char* to, std::uint32_t twelve_bits) {
    std::memcpy(to, pairs[twelve_bits].data(), 2);
    return to + 2;
}

void write_tail(char* to, std::string_view bytes) {
    if (bytes.size() == 1) {
        write_pair(to, byte_at(bytes, 0) << 4);
        to[2] = '=';
    } else {
        std::uint32_t const word = byte_at(bytes, 0) << 16 | byte_at(bytes, 1) << 8;
        write_pair(to, word >> 12);
        to[2] = alphabet[word >> 6 & 63];
    }
    to[3] = '=';
}

/// Twenty-four bits of four characters; anything above means that one of them is foreign.
std::uint32_t read_word(std::string_view text, std::size_t at) {
    std::uint32_t const a = sextets[byte_at(text, at)], b = sextets[byte_at(text, at + 1)];
    std::uint32_t const c = sextets[byte_at(text, at + 2)], d = sextets[byte_at(text, at + 3)];
    if (((a | b | c | d) & ~63U) != 0) return not_base64;
    return a << 18 | b << 12 | c << 6 | d;
}

/// Appends what a final group with padding stands for; false when it is not canonical.
bool read_padded(std::string_view group, std::string& out) {
    std::uint32_t const a = sextets[byte_at(group, 0)], b = sextets[byte_at(group, 1)];
    if (((a | b) & ~63U) != 0) return false;
    out.push_back(static_cast<char>(a << 2 | b >> 4));
    if (group[2] == '=') return group[3] == '=' && (b & 15) == 0;
    std::uint32_t const c = sextets[byte_at(group, 2)];
    if ((c & ~63U) != 0 || (c & 3) != 0) return false;
    out.push_back(static_cast<char>((b << 4 | c >> 2) & 255));
    return true;
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
    std::size_t const start = out.size();
    out.resize(start + base64_size(bytes.size()));
    char* to = out.data() + start;
    std::size_t const wide = write_wide(to, bytes);
    to += wide / 3 * 4;
    std::size_t const whole = bytes.size() / 3 * 3;
    for (std::size_t i = wide; i < whole; i += 3) {
        std::uint32_t const word =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        to = write_pair(to, word >> 12);
        to = write_pair(to, word & 0xfff);
    }
    if (whole < bytes.size()) write_tail(to, bytes.substr(whole));
}

std::string to_base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return std::string{};
    bool const is_padded = text.back() == '=';
    std::size_t const whole = is_padded ? text.size() - 4 : text.size();
    std::string out;
    out.resize(text.size() / 4 * 3 + 8);
    std::size_t const wide = read_wide(out.data(), text.substr(0, whole));
    out.resize(whole / 4 * 3);
    char* to = out.data() + wide / 4 * 3;
    for (std::size_t i = wide; i < whole; i += 4) {
        std::uint32_t const word = read_word(text, i);
        if (word == not_base64) return std::nullopt;
        *to++ = static_cast<char>(word >> 16);
        *to++ = static_cast<char>(word >> 8 & 255);
        *to++ = static_cast<char>(word & 255);
    }
    if (is_padded && !read_padded(text.substr(whole), out)) return std::nullopt;
    return out;
}

}  // namespace crosstalk::base
