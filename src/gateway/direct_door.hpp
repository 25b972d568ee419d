// The reserved address at which a peer opens its direct stream: who may come in, and how whoever may
// not is told.
#pragma once

#include "gateway/component.hpp"
#include "net/http_stream.hpp"

namespace crosstalk::gateway {

struct door_answer {
    unsigned status = 101;
    bool goes_on = false;  ///< whether the connection is still one of HTTP, and may take a request
};

/// Answers a request for talk::direct_path. With a 101 the connection has been handed over.
[[nodiscard]] net::awaitable<door_answer> answer_at_door(net::http_stream& connection,
                                                         const http::request_head& head,
                                                         component& xmpp);

}  // namespace crosstalk::gateway
