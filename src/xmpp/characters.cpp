// Implementation of characters.hpp: eight ASCII bytes at a time, the rest one by one.
#include "xmpp/characters.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace crosstalk::xmpp {

namespace {

/// Whether all eight bytes are printable ASCII (or DEL, which XML allows).
bool is_plain(std::uint64_t word) noexcept {
    constexpr std::uint64_t ones = 0x0101010101010101;
    return (((word - ones * 0x20) | word) & (ones * 0x80)) == 0;
}

bool is_character(char32_t c) noexcept {
    return c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
}

}  // namespace

std::size_t legal_character(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (text.empty()) return 0;
    const unsigned char first = byte(0);
    if (first < 0x80) return first >= 0x20 || first == '\t' || first == '\n' || first == '\r' ? 1 : 0;

    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    auto c = static_cast<char32_t>(first & (0xFF >> (length + 1)));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return 0;
        c = (c << 6) | (byte(i) & 0x3Fu);
    }
    constexpr std::array<char32_t, 5> shortest{0, 0, 0x80, 0x800, 0x10000};
    return c >= shortest[length] && is_character(c) ? length : 0;
}

bool is_legal_text(std::string_view text) noexcept {
    std::size_t i = 0;
    while (i < text.size()) {
        if (text.size() - i >= sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, sizeof word);
            if (is_plain(word)) {
                i += sizeof word;
                continue;
            }
        }
        const std::size_t length = legal_character(text.substr(i));
        if (length == 0) return false;
        i += length;
    }
    return true;
}

}  // namespace crosstalk::xmpp
