// What a WebSocket reader makes of a stream, as one value, however the stream is cut into pieces.
#pragma once

#include <algorithm>
#include <cstdlib>

#include <string>
#include <string_view>
#include <vector>

#include "http/websocket.hpp"

namespace crosstalk::http::testing {

struct seen_frame {
    websocket_step::kind what;
    std::string payload;
    bool is_text = false;
    std::uint16_t code = 0;
    bool operator==(const seen_frame&) const = default;
};

struct frame_reading {
    std::vector<seen_frame> seen;
    error_code error;
    std::size_t unread = 0;
    bool operator==(const frame_reading&) const = default;
};

/// Feeds `stream` to a reader in pieces of that size, as a connection would.
[[nodiscard]] inline frame_reading read_frames(std::string_view stream, websocket_role self,
                                               std::size_t piece = std::string_view::npos,
                                               std::size_t most = 1024 * 1024) {
    websocket_reader reader(self, most);
    frame_reading out;
    std::string buffer;
    while (!stream.empty()) {
        buffer += stream.substr(0, piece);
        stream.remove_prefix(std::min(piece, stream.size()));
        for (;;) {
            const auto step = reader.advance(buffer);
            if (!step) {
                out.error = step.error();
                return out;
            }
            const bool is_waiting = step->what == websocket_step::kind::need_more;
            if (!is_waiting)
                out.seen.push_back({step->what, std::string(step->payload), step->is_text, step->code});
            buffer.erase(0, step->consumed);
            if (step->what == websocket_step::kind::close) return out;
            if (is_waiting && step->wanted <= buffer.size()) std::abort();  // it would wait for ever
            if (is_waiting) break;
        }
    }
    out.unread = buffer.size();
    return out;
}

}  // namespace crosstalk::http::testing
