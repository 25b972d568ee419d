// The part of Asio that this project uses, and the shape in which its operations report.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "crosstalk/error.hpp"

namespace crosstalk::net {

namespace asio = boost::asio;
using asio::awaitable;
using executor = asio::any_io_executor;

/// Completion token: co_await gives the result as a tuple that starts with the error_code.
inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

}  // namespace crosstalk::net
