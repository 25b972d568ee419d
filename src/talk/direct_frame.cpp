// See direct_frame.hpp.
#include "talk/direct_frame.hpp"

namespace crosstalk::talk {

std::optional<direct_frame> open_direct_frame(std::string_view payload) noexcept {
    constexpr std::size_t head = direct_frame_writer::length_size;
    if (payload.size() < head) return std::nullopt;
    std::size_t length = 0;
    for (std::size_t i = 0; i < head; ++i)
        length = length << 8 | static_cast<unsigned char>(payload[i]);
    payload.remove_prefix(head);
    if (length > payload.size()) return std::nullopt;
    return direct_frame{payload.substr(0, length), payload.substr(length)};
}

void direct_frame_writer::end_json() noexcept {
    std::size_t length = json_size();
    for (std::size_t i = length_size; i > 0; --i, length >>= 8)
        out_[begin_ + i - 1] = static_cast<char>(length & 0xFF);
}

}  // namespace crosstalk::talk
