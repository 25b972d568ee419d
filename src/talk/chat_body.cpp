// See chat_body.hpp.
#include "talk/chat_body.hpp"

#include <algorithm>

#include "talk/utf8.hpp"

namespace crosstalk::talk {
namespace {

/// How much of the front of some bytes is UTF-8, and what it holds.
struct utf8_prefix {
    std::size_t bytes = 0;
    bool is_ascii = true;
    bool has_high = false;  ///< a character above U+00FF
    bool is_cut = false;    ///< the rest is the beginning of a character
};

utf8_prefix scan(std::string_view bytes) noexcept {
    utf8_prefix found;
    while (found.bytes < bytes.size()) {
        const auto length = sequence_length(bytes, found.bytes);
        if (length == 0) break;
        if (found.bytes + length > bytes.size()) {
            found.is_cut = true;
            break;
        }
        found.is_ascii = found.is_ascii && length == 1;
        found.has_high = found.has_high || static_cast<unsigned char>(bytes[found.bytes]) > 0xC3;
        found.bytes += length;
    }
    return found;
}

/// A control character from U+0080 to U+009F: text holds none.
bool is_upper_control(char c) noexcept { return (static_cast<unsigned char>(c) & 0xE0) == 0x80; }

}  // namespace

chat_piece cut_chat_piece(std::string_view body, std::size_t most, bool is_whole) noexcept {
    const auto front = body.substr(0, most);
    const auto found = scan(front);
    const bool is_utf8 = found.bytes == front.size() || found.is_cut;
    if (!is_utf8) return {front.size(), false};
    const bool may_wait = front.size() < body.size() || !is_whole;
    if (found.bytes == 0) return {may_wait ? 0 : front.size(), false};
    return {found.bytes, found.is_ascii || found.has_high};
}

std::string chat_body_reader::read(std::string text) {
    auto bytes = bytes_of_characters(text);
    if (bytes && bytes->size() < text.size()) {
        is_binary_ = is_binary_ || is_bytes(*bytes, text.size());
        if (is_binary_) text = *std::move(bytes);
    }
    read_ += text.size();
    return text;
}

bool chat_body_reader::is_bytes(std::string_view bytes, std::size_t text_size) const noexcept {
    if (std::ranges::any_of(bytes, is_upper_control) || scan(bytes).bytes == bytes.size()) return true;
    return length_ && read_ + bytes.size() == *length_ && read_ + text_size != *length_;
}

}  // namespace crosstalk::talk
