// See websocket.hpp.
#include "http/websocket.hpp"

#include <algorithm>
#include <cstring>

namespace crosstalk::http {
namespace {

constexpr std::size_t longest_control = 125;
constexpr std::size_t short_length_most = 125;
constexpr std::size_t medium_length_most = 65'535;
constexpr char fin_bit = '\x80';
constexpr char mask_bit = '\x80';

class category final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.websocket"; }
    std::string message(int value) const override {
        switch (static_cast<websocket_errc>(value)) {
            case websocket_errc::reserved_bits:
                return "a frame has reserved bits set";
            case websocket_errc::reserved_opcode:
                return "a frame is of a reserved kind";
            case websocket_errc::unmasked:
                return "a frame of the client is not masked";
            case websocket_errc::masked:
                return "a frame of the server is masked";
            case websocket_errc::fragmented_control:
                return "a control frame is fragmented";
            case websocket_errc::long_control:
                return "a control frame is longer than 125 bytes";
            case websocket_errc::long_length:
                return "a frame's length is written in more bytes than it needs";
            case websocket_errc::nothing_to_continue:
                return "a continuation came outside a message";
            case websocket_errc::interrupted_message:
                return "a message began inside another one";
            case websocket_errc::bad_close:
                return "a close frame has no valid code";
            case websocket_errc::message_too_large:
                return "a message is over the limit";
        }
        return "unknown WebSocket error";
    }
};

const category& the_category() noexcept {
    static const category instance;
    return instance;
}

std::uint64_t read_big_endian(const char* from, std::size_t bytes) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value = value << 8 | static_cast<unsigned char>(from[i]);
    return value;
}

void write_big_endian(char* to, std::size_t bytes, std::uint64_t value) noexcept {
    for (std::size_t i = bytes; i > 0; --i, value >>= 8) to[i - 1] = static_cast<char>(value & 0xFF);
}

/// Bytes of a header's length beyond the two that every header has.
std::size_t length_bytes(std::size_t payload) noexcept {
    return payload <= short_length_most ? 0 : payload <= medium_length_most ? 2 : 8;
}

bool may_be_sent(std::uint64_t code) noexcept {
    if (code >= 3000) return code <= 4999;
    return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

}  // namespace

error_code make_error_code(websocket_errc e) noexcept { return {static_cast<int>(e), the_category()}; }

std::uint16_t websocket_close_code(const error_code& error) noexcept {
    return error == websocket_errc::message_too_large ? closed_too_large : closed_protocol_error;
}

void apply_websocket_mask(std::span<char> bytes, websocket_mask mask) noexcept {
    std::uint32_t key = 0;
    std::memcpy(&key, mask.data(), sizeof key);
    const std::uint64_t wide = std::uint64_t{key} << 32 | key;
    char* at = bytes.data();
    std::size_t left = bytes.size();
    for (; left >= sizeof wide; at += sizeof wide, left -= sizeof wide) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, sizeof word);
        word ^= wide;
        std::memcpy(at, &word, sizeof word);
    }
    for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ mask[i % 4]);
}

// Reading

struct websocket_reader::frame {
    websocket_opcode what = websocket_opcode::continuation;
    bool is_final = false;
    bool is_masked = false;
    bool has_reserved_bits = false;
    bool has_long_length = false;
    std::size_t header = 0;  ///< bytes, mask included
    std::uint64_t length = 0;
    websocket_mask mask{};

    [[nodiscard]] bool is_control() const noexcept { return what >= websocket_opcode::close; }

    /// The bytes of the header that begins with these two.
    static std::size_t header_size(char second) noexcept {
        const auto length = static_cast<unsigned char>(second & 0x7F);
        return 2 + (length < 126 ? 0u : length == 126 ? 2u : 8u) + ((second & mask_bit) != 0 ? 4u : 0u);
    }

    /// The header at the front of `input`, which holds it whole.
    static frame read(std::span<const char> input) noexcept {
        frame f;
        f.what = static_cast<websocket_opcode>(input[0] & 0x0F);
        f.is_final = (input[0] & fin_bit) != 0;
        f.has_reserved_bits = (input[0] & 0x70) != 0;
        f.is_masked = (input[1] & mask_bit) != 0;
        f.header = header_size(input[1]);
        const std::size_t extended = f.header - 2 - (f.is_masked ? 4 : 0);
        f.length = static_cast<unsigned char>(input[1] & 0x7F);
        if (extended > 0) {
            f.length = read_big_endian(input.data() + 2, extended);
            f.has_long_length =
                f.length >> 63 != 0 || length_bytes(static_cast<std::size_t>(f.length)) != extended;
        }
        if (f.is_masked) std::memcpy(f.mask.data(), input.data() + f.header - 4, 4);
        return f;
    }
};

error_code websocket_reader::judge(const frame& f) const noexcept {
    if (f.has_reserved_bits) return websocket_errc::reserved_bits;
    const auto number = static_cast<unsigned>(f.what);
    if (number > 10 || (number > 2 && number < 8)) return websocket_errc::reserved_opcode;
    if (self_ == websocket_role::server && !f.is_masked) return websocket_errc::unmasked;
    if (self_ == websocket_role::client && f.is_masked) return websocket_errc::masked;
    if (f.has_long_length) return websocket_errc::long_length;
    if (f.is_control()) {
        if (!f.is_final) return websocket_errc::fragmented_control;
        if (f.length > longest_control) return websocket_errc::long_control;
        return {};
    }
    const bool continues = f.what == websocket_opcode::continuation;
    if (continues && !begun_) return websocket_errc::nothing_to_continue;
    if (!continues && begun_) return websocket_errc::interrupted_message;
    if (f.length > most_ - fragments_.size()) return websocket_errc::message_too_large;
    return {};
}

result<websocket_step> websocket_reader::advance(std::span<char> input) {
    if (!begun_) fragments_.clear();
    for (std::size_t consumed = 0;;) {
        websocket_step none;
        none.consumed = consumed;
        const auto rest = input.subspan(consumed);
        none.wanted = rest.size() < 2 ? 2 : frame::header_size(rest[1]);
        if (rest.size() < none.wanted) return none;
        const auto f = frame::read(rest);
        if (const auto wrong = judge(f)) return wrong;
        const auto length = static_cast<std::size_t>(f.length);
        none.wanted = f.header + length;
        if (rest.size() < none.wanted) return none;
        const auto payload = rest.subspan(f.header, length);
        if (f.is_masked) apply_websocket_mask(payload, f.mask);
        auto taken = take(f, payload);
        if (!taken) return taken.error();
        consumed += f.header + length;
        if (taken->what == websocket_step::kind::need_more) continue;  // a fragment
        taken->consumed = consumed;
        return taken;
    }
}

result<websocket_step> websocket_reader::take(const frame& f, std::span<char> payload) {
    using kind = websocket_step::kind;
    websocket_step step;
    step.payload = {payload.data(), payload.size()};
    if (f.what == websocket_opcode::close) return take_close(step.payload);
    if (f.is_control()) {
        step.what = f.what == websocket_opcode::ping ? kind::ping : kind::pong;
        return step;
    }
    if (!f.is_final || begun_) fragments_ += step.payload;
    if (!begun_) begun_ = f.what;
    if (!f.is_final) return step;
    if (f.what == websocket_opcode::continuation) step.payload = fragments_;
    step.what = kind::message;
    step.is_text = *begun_ == websocket_opcode::text;
    begun_.reset();
    return step;
}

result<websocket_step> websocket_reader::take_close(std::string_view payload) {
    websocket_step step;
    step.what = websocket_step::kind::close;
    if (payload.empty()) return step;
    if (payload.size() == 1) return websocket_errc::bad_close;
    const auto code = read_big_endian(payload.data(), 2);
    if (!may_be_sent(code)) return websocket_errc::bad_close;
    step.code = static_cast<std::uint16_t>(code);
    step.payload = payload.substr(2);
    return step;
}

// Writing. Most frames are of 126 bytes and more, so room for their header is left in front.

websocket_frame::websocket_frame(std::string& out, websocket_opcode what,
                                 std::optional<websocket_mask> mask)
    : out_(out), begin_(out.size()), what_(what), mask_(mask) {
    out_.append(mask_ ? 8 : 4, '\0');
}

void websocket_frame::finish() {
    const std::size_t left = mask_ ? 8 : 4;
    const std::size_t size = out_.size() - begin_ - left;
    const std::size_t extended = length_bytes(size);
    if (extended < 2) out_.erase(begin_, 2);
    if (extended > 2) out_.insert(begin_, extended - 2, '\0');
    char* const header = out_.data() + begin_;
    header[0] = static_cast<char>(fin_bit | static_cast<char>(what_));
    header[1] = static_cast<char>(extended == 0 ? size : extended == 2 ? 126 : 127);
    write_big_endian(header + 2, extended, size);
    if (!mask_) return;
    header[1] = static_cast<char>(header[1] | mask_bit);
    std::memcpy(header + 2 + extended, mask_->data(), mask_->size());
    apply_websocket_mask({header + 2 + extended + 4, size}, *mask_);
}

void append_websocket_frame(std::string& out, websocket_opcode what, std::string_view payload,
                            std::optional<websocket_mask> mask) {
    websocket_frame frame(out, what, mask);
    out += payload;
    frame.finish();
}

void append_websocket_close(std::string& out, std::uint16_t code, std::string_view reason,
                            std::optional<websocket_mask> mask) {
    std::array<char, longest_control> payload{};
    write_big_endian(payload.data(), 2, code);
    const std::size_t told = reason.copy(payload.data() + 2, payload.size() - 2);
    append_websocket_frame(out, websocket_opcode::close, {payload.data(), 2 + told}, mask);
}

}  // namespace crosstalk::http
