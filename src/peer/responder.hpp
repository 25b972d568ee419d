// What answers requests that want more than a file: an app behind the reverse proxy, or a program of
// one's own.
#pragma once

#include "base/request_line.hpp"
#include "cgi/incoming.hpp"
#include "net/call.hpp"

namespace crosstalk::peer {

class responder {
  public:
    responder() = default;
    responder(const responder&) = delete;
    responder& operator=(const responder&) = delete;
    virtual ~responder() = default;

    /// Serves one request to its end, and throws nothing; `visitor` and `done` outlive the coroutine.
    [[nodiscard]] virtual net::awaitable<void> serve(net::call& visitor, cgi::incoming_request request,
                                                     base::tally& done) = 0;
    /// Lets go of whatever is kept between requests; none is being served any more.
    [[nodiscard]] virtual net::awaitable<void> stop() = 0;
};

}  // namespace crosstalk::peer
