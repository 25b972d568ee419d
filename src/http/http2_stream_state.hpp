// What a session of HTTP/2 knows of one stream.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "http/http2_head.hpp"

namespace crosstalk::http {

struct http2_stream_state {
    explicit http2_stream_state(reader_limits limits) : head(limits) {}

    http2_head_reader head;
    std::string in;
    std::size_t unconsumed = 0;  ///< body bytes whose window is still to be opened again
    bool is_in_over = false;
    std::string_view out;
    bool is_out_last = false;  ///< what is in `out` is the end
    bool is_out_over = false;  ///< the end is on its way
    bool is_closed = false;
    bool is_announced = false;  ///< there was an event for it
    bool is_reset = false;
    bool is_cut = false;  ///< not all of `out` got on its way

    void drop_output() {
        is_cut = is_cut || !out.empty();
        out = {};
    }
};

}  // namespace crosstalk::http
