// An event loop for one test, and connected streams without a network.
#pragma once

#include <sys/socket.h>

#include <array>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "net/stream_socket.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net::test {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// Far beyond what any of these tests takes: a wait that ends by it has failed.
inline base::time_point soon() { return base::clock::now() + 20s; }

/// Runs the loop until `body` has returned, and gives what it returned. Other tasks may be left.
template <class T>
T run(asio::io_context& io, awaitable<T> body) {
    std::optional<T> returned;
    std::exception_ptr thrown;
    bool is_done = false;
    asio::co_spawn(io, std::move(body), [&](std::exception_ptr e, T value) {
        thrown = e;
        returned = std::move(value);
        is_done = true;
    });
    while (!is_done && io.run_one() > 0) continue;
    io.restart();
    if (thrown) std::rethrow_exception(thrown);
    if (!is_done) throw std::logic_error("the loop has run out of work");
    return std::move(*returned);
}

inline awaitable<bool> then_true(awaitable<void> body) {
    co_await std::move(body);
    co_return true;
}

inline void run(asio::io_context& io, awaitable<void> body) {
    (void)run(io, then_true(std::move(body)));
}

struct stream_pair {
    byte_stream near, far;
};

inline stream_pair connected_pair(const executor& ex) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) std::abort();
    const asio::generic::stream_protocol protocol(AF_UNIX, 0);
    return {adopt(stream_socket(ex, protocol, ends[0])), adopt(stream_socket(ex, protocol, ends[1]))};
}

/// Everything until the other side has finished, or the error that came instead.
inline awaitable<result<std::string>> read_to_end(byte_stream& from) {
    std::string all;
    std::array<char, 16 * 1024> buffer{};
    for (;;) {
        const auto got = co_await from.read_some(asio::buffer(buffer));
        if (!got && got.error() == asio::error::eof) co_return all;
        if (!got) co_return got.error();
        all.append(buffer.data(), *got);
    }
}

/// Text of a given length in which every place differs from those near it.
inline std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    unsigned state = 12345;
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24U);
    }
    return text;
}

}  // namespace crosstalk::net::test
