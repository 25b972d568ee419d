// Sending bodies to a visitor, in pieces as room comes, compressed on the way if need be.
#pragma once

#include "base/request_line.hpp"
#include "net/call.hpp"
#include "peer/answer.hpp"

namespace crosstalk::peer {

/// Sends the whole answer now, if there is room for all of it: head and body then travel together.
[[nodiscard]] bool send_at_once(net::call& visitor, answer& a, base::tally& done);

/// Sends the answer as fast as the visitor takes it. When the body cannot be read to its end the
/// transaction is shut down, so that a part is never taken for the whole.
[[nodiscard]] net::awaitable<void> send_in_pieces(net::call& visitor, answer a, base::tally& done);

/// Writes all of `bytes`, as room comes. False when there is nobody any more.
[[nodiscard]] net::awaitable<bool> write_all(net::call& visitor, std::string_view bytes,
                                             base::tally& done);

/// Writes what `encoder` makes of a piece. Others have their turn after it, even if nothing has come
/// out.
[[nodiscard]] net::awaitable<bool> write_encoded(net::call& visitor, body_encoder& encoder,
                                                 std::string_view piece, body_encoder::next then,
                                                 base::tally& done);

}  // namespace crosstalk::peer
