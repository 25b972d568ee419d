// What a socket has, or takes, now: without a turn of the event loop.
#pragma once

#include <optional>

#include "crosstalk/error.hpp"
#include "net/buffer_run.hpp"

namespace crosstalk::net {

/// How many bytes were received, or why none ever will be; nothing when it would block.
[[nodiscard]] std::optional<result<std::size_t>> receive_at_once(int socket,
                                                                 boost::asio::mutable_buffer into);

/// How many bytes of `left` were sent, or why none ever will be; nothing when it would block.
[[nodiscard]] std::optional<result<std::size_t>> send_at_once(int socket, const buffer_run& left);

/// Whether nothing has come that was not read, not even the end; `may_speak`: bytes are no news.
[[nodiscard]] bool is_quiet(int socket, bool may_speak) noexcept;

}  // namespace crosstalk::net
