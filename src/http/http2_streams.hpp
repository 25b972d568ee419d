// The streams of a session of HTTP/2, and what has happened to them; whoever reads the frames.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "http/http2_budget.hpp"
#include "http/http2_session.hpp"
#include "http/http2_stream_state.hpp"

namespace crosstalk::http {

struct http2_streams {
    using stream_id = http2_session::stream_id;
    using kind = http2_session::event::kind;

    http2_streams(reader_limits l, base::time_point t) : limits(l), now(t), budget(t) {}

    [[nodiscard]] http2_stream_state* find(stream_id id);
    [[nodiscard]] http2_stream_state& at(stream_id id) { return *open.at(id); }
    void announce(kind what, stream_id id) { events.push_back({what, id}); }
    /// For frames that move nothing.
    void spend(double frames) { is_overspent = !budget.spend(frames, now) || is_overspent; }

    void begin_head(stream_id id, bool is_request);
    void add_field(stream_id id, std::string_view name, std::string_view value);
    /// Whether a request has become whole.
    [[nodiscard]] bool end_head(stream_id id);
    /// Whether there is anybody to take it.
    [[nodiscard]] bool add_input(stream_id id, std::string_view bytes);
    void end_input(stream_id id);
    /// `bytes` of the piece of body that is to go out, or its end, have gone.
    void note_sent(stream_id id, std::size_t bytes);
    /// Bytes of its body that nobody will consume any more.
    [[nodiscard]] std::size_t close(stream_id id);

    reader_limits limits;
    base::time_point now;
    http2_budget budget;
    std::unordered_map<stream_id, std::unique_ptr<http2_stream_state>> open;
    std::deque<http2_session::event> events;
    std::optional<base::time_point> head_since;  ///< of the head of which part has come
    std::uint64_t body_bytes_sent = 0;
    bool is_overspent = false;
};

}  // namespace crosstalk::http
