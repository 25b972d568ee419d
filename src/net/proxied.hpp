// Connections that come through a proxy which says first for whom.
#pragma once

#include "net/byte_stream.hpp"

namespace crosstalk::net {

/// Reads the PROXY header that `stream` may begin with, and nothing behind it; the client that it names
/// is the stream's remote end afterwards. The read deadline holds. To be called only where whoever is
/// connected may speak for others. Errors: http::errc::bad_proxy_header, or of the connection.
[[nodiscard]] awaitable<result<void>> accept_proxied(byte_stream& stream);

}  // namespace crosstalk::net
