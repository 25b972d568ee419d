// See utf8.hpp.
#include "talk/utf8.hpp"

#include <algorithm>

#include "base/eight_bytes.hpp"

namespace crosstalk::talk {
namespace {

bool is_continuation(unsigned char c) { return (c & 0xC0) == 0x80; }

// How much of the front of `text` is ASCII, in steps of eight bytes while more than that is left.
std::size_t ascii_length(std::string_view text) {
    std::size_t at = 0;
    while (at + 8 <= text.size() && base::eight_bytes(text.data() + at).marks_beyond_ascii() == 0)
        at += 8;
    const std::size_t left = std::min<std::size_t>(text.size() - at, 7);
    return at + std::min(left, base::eight_bytes::first(
                                   base::eight_bytes(text.data() + at, left).marks_beyond_ascii()));
}

}  // namespace

std::size_t sequence_length(std::string_view text, std::size_t at) noexcept {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char c = byte(at);
    if (c < 0x80) return 1;
    const std::size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4) return 0;
    if (at + 1 < text.size()) {
        const unsigned char d = byte(at + 1);
        if (!is_continuation(d) || (c == 0xE0 && d < 0xA0) || (c == 0xED && d > 0x9F) ||
            (c == 0xF0 && d < 0x90) || (c == 0xF4 && d > 0x8F))
            return 0;
    }
    for (std::size_t k = 2; k < n && at + k < text.size(); ++k)
        if (!is_continuation(byte(at + k))) return 0;
    return n;
}

std::optional<std::string> bytes_of_characters(std::string_view text) {
    const std::size_t ascii = ascii_length(text);
    std::string bytes(text, 0, ascii);
    for (std::size_t i = ascii; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            bytes += text[i];
            continue;
        }
        if ((c != 0xC2 && c != 0xC3) || i + 1 >= text.size()) return std::nullopt;
        bytes += static_cast<char>(((c & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    return bytes;
}

}  // namespace crosstalk::talk
