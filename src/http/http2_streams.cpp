// See http2_streams.hpp.
#include "http/http2_streams.hpp"

#include <utility>

namespace crosstalk::http {

http2_stream_state* http2_streams::find(stream_id id) {
    const auto found = open.find(id);
    return found == open.end() ? nullptr : found->second.get();
}

void http2_streams::begin_head(stream_id id, bool is_request) {
    head_since = now;
    if (is_request) open.try_emplace(id, std::make_unique<http2_stream_state>(limits));
}

void http2_streams::add_field(stream_id id, std::string_view name, std::string_view value) {
    http2_stream_state* const s = find(id);
    if (s == nullptr) return;
    if (s->is_announced) {
        spend(1);  // trailers are discarded, but counted
    } else {
        s->head.add(name, value);
        is_overspent = is_overspent || s->head.is_flooded();
    }
}

bool http2_streams::end_head(stream_id id) {
    head_since.reset();
    http2_stream_state* const s = find(id);
    if (s == nullptr || std::exchange(s->is_announced, true)) return false;
    announce(kind::request, id);
    return true;
}

bool http2_streams::add_input(stream_id id, std::string_view bytes) {
    http2_stream_state* const s = find(id);
    if (s == nullptr) return false;
    s->in += bytes;
    s->unconsumed += bytes.size();
    announce(kind::input, id);
    return true;
}

void http2_streams::end_input(stream_id id) {
    http2_stream_state* const s = find(id);
    if (s == nullptr) return;
    s->is_in_over = true;
    announce(kind::input, id);
}

void http2_streams::note_sent(stream_id id, std::size_t bytes) {
    http2_stream_state* const s = find(id);
    if (s == nullptr) return;
    s->out.remove_prefix(bytes);
    body_bytes_sent += bytes;
    if (s->out.empty()) announce(kind::sent, id);
}

std::size_t http2_streams::close(stream_id id) {
    http2_stream_state* const s = find(id);
    if (s == nullptr) return 0;
    const std::size_t left = std::exchange(s->unconsumed, 0);
    s->is_closed = true;
    s->drop_output();
    if (s->is_announced) {
        announce(kind::closed, id);
    } else {
        open.erase(id);
    }
    return left;
}

}  // namespace crosstalk::http
