// The one socket type beneath byte_stream: TCP and unix sockets alike, so that each Asio operation on
// them is compiled once.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

#include "net/byte_stream.hpp"

namespace crosstalk::net {

using stream_socket = asio::generic::stream_protocol::socket;

/// A byte_stream of a connected socket. TCP_NODELAY is set.
[[nodiscard]] byte_stream adopt(stream_socket socket);

}  // namespace crosstalk::net
