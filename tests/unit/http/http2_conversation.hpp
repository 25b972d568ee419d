// A session of HTTP/2 that is talked to frame by frame, with what came out of it.
#pragma once

#include <algorithm>

#include "http2_frames.hpp"

namespace crosstalk::http::testing {

using kind = http2_session::event::kind;

struct conversation {
    explicit conversation(http2_settings s = {}) : session(s, now) { feed(greeting()); }

    void feed(std::string_view bytes, std::size_t piece = std::string_view::npos) {
        while (!bytes.empty()) {
            const auto step = bytes.substr(0, piece);
            bytes.remove_prefix(step.size());
            if (auto got = session.receive(step, now); !got) {
                error = got.error();
                break;
            }
            flush();
        }
    }
    void feed(const frame& f) { feed(write(f)); }
    void flush() {
        session.produce(out, out.size() + 100'000);
        while (const auto event = session.poll()) events.push_back(*event);
    }
    /// What came out since the last call.
    std::vector<frame> take() {
        for (std::size_t before = out.size() + 1; before != out.size();) {
            before = out.size();
            flush();
        }
        auto frames = read_frames(out);
        out.clear();
        return frames;
    }
    std::size_t count(kind what, std::int32_t stream) const {
        return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const auto& e) {
            return e.what == what && e.stream == stream;
        }));
    }

    base::time_point now{};
    http2_session session;
    std::string out;
    std::vector<http2_session::event> events;
    error_code error;
};

inline std::string body_of(const std::vector<frame>& frames, std::int32_t stream) {
    std::string body;
    for (const auto& f : frames)
        if (f.type == data && f.stream == stream) body += f.payload;
    return body;
}

inline const frame* find(const std::vector<frame>& frames, unsigned type, std::int32_t stream) {
    const auto at = std::find_if(frames.begin(), frames.end(),
                                 [&](const frame& f) { return f.type == type && f.stream == stream; });
    return at == frames.end() ? nullptr : &*at;
}

inline std::uint64_t goaway_code(const std::vector<frame>& frames) {
    const frame* last = nullptr;
    for (const auto& f : frames)
        if (f.type == goaway) last = &f;
    return last == nullptr ? ~std::uint64_t{0} : number_of(std::string_view(last->payload).substr(4, 4));
}

inline response_head ok() { return {}; }

}  // namespace crosstalk::http::testing
