// Fuzzes the WebSocket reader of both roles: the same reading however the stream is cut, messages
// within their limit, and what was read is read again from what the writer makes of it.
//
// The first byte chooses the role and the size of the pieces.
#include <cstdint>
#include <cstdlib>

#include "../unit/http/websocket_reading.hpp"

namespace {

using namespace crosstalk::http;

constexpr std::size_t limit = 4096;

void require(bool promise) {
    if (!promise) std::abort();
}

void write_again(const testing::seen_frame& seen) {
    using kind = websocket_step::kind;
    std::string out;
    const websocket_mask mask{1, 2, 3, 4};
    if (seen.what == kind::close) {
        if (seen.code != closed_without_code)
            append_websocket_close(out, seen.code, seen.payload, mask);
    } else {
        const auto what = seen.what == kind::ping   ? websocket_opcode::ping
                          : seen.what == kind::pong ? websocket_opcode::pong
                          : seen.is_text            ? websocket_opcode::text
                                                    : websocket_opcode::binary;
        append_websocket_frame(out, what, seen.payload, mask);
    }
    if (out.empty()) return;
    const auto again = testing::read_frames(out, websocket_role::server);
    require(again.seen.size() == 1 && again.seen[0] == seen);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    const auto role = (bytes[0] & 1) != 0 ? websocket_role::client : websocket_role::server;
    const auto whole = testing::read_frames(stream, role, std::string_view::npos, limit);
    require(testing::read_frames(stream, role, 1 + (bytes[0] >> 1), limit) == whole);
    for (const auto& seen : whole.seen) {
        require(seen.payload.size() <= limit);
        write_again(seen);
    }
    return 0;
}
