// Plain streams: order, deadlines, ends. TLS has a file of its own.
#include <doctest/doctest.h>

#include <vector>

#include "loop.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

using outcome = std::optional<result<void>>;

awaitable<void> send_all(byte_stream& to, const std::string& text, outcome& how) {
    const auto sent = co_await to.write(text);
    how = sent;
    to.shutdown_send();
}

awaitable<void> send_pieces(byte_stream& to, const std::vector<std::string>& pieces) {
    std::vector<asio::const_buffer> buffers;
    for (const auto& p : pieces) buffers.push_back(asio::buffer(p));
    const auto sent = co_await to.write(buffers);
    CHECK(sent.has_value());
    to.shutdown_send();
}

awaitable<void> read_once(byte_stream& from, result<std::size_t>& got) {
    std::array<char, 100> buffer{};
    const auto n = co_await from.read_some(asio::buffer(buffer));
    got = n;
}

awaitable<std::string> gather(byte_stream& from) {
    auto all = co_await read_to_end(from);
    co_return all ? std::move(*all) : all.error().message();
}

}  // namespace

TEST_CASE("many buffers arrive in order, empty ones among them") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    std::vector<std::string> pieces;
    std::string whole;
    for (int i = 0; i < 300; ++i) {
        pieces.push_back(i % 7 == 0 ? "" : "piece " + std::to_string(i) + ";");
        whole += pieces.back();
    }
    task_group group(io.get_executor());
    group.spawn(send_pieces(pair.near, pieces));
    CHECK(run(io, gather(pair.far)) == whole);
}

TEST_CASE("what is larger than any socket buffer arrives whole") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    const std::string text = pattern(5'000'001);
    outcome how;
    task_group group(io.get_executor());
    group.spawn(send_all(pair.near, text, how));
    CHECK(run(io, gather(pair.far)) == text);
    CHECK(how->has_value());
}

TEST_CASE("a read past its deadline ends alone: the write beside it goes on") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    const std::string text = pattern(5'000'000);
    outcome how;
    result<std::size_t> got = std::size_t{0};
    task_group group(io.get_executor());
    group.spawn(send_all(pair.near, text, how));
    pair.near.read_deadline(base::clock::now() + 10ms);
    run(io, read_once(pair.near, got));
    CHECK(got.error() == asio::error::timed_out);
    CHECK_FALSE(how.has_value());
    CHECK(run(io, gather(pair.far)) == text);
    CHECK(how->has_value());
}

TEST_CASE("a write past its deadline ends with timed_out") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    outcome how;
    pair.near.write_deadline(base::clock::now() + 10ms);
    const std::string text = pattern(5'000'000);
    run(io, send_all(pair.near, text, how));
    CHECK(how->error() == asio::error::timed_out);
}

TEST_CASE("a deadline that is already over ends the operation without waiting") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    pair.near.read_deadline(base::clock::now() - 1s);
    run(io, read_once(pair.near, got));
    CHECK(got.error() == asio::error::timed_out);
}

TEST_CASE("a deadline moved away while the read waits no longer ends it") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    task_group group(io.get_executor());
    pair.near.read_deadline(base::clock::now() + 20ms);
    group.spawn(read_once(pair.near, got));
    pair.near.read_deadline(soon());
    bell never(io.get_executor());
    asio::co_spawn(io, never.wait(base::clock::now() + 60ms), [&](std::exception_ptr, bool) {
        CHECK(group.size() == 1);
        pair.far.shutdown_send();
    });
    run(io, group.join());
    CHECK(got.error() == asio::error::eof);
}

TEST_CASE("a deadline set while the read waits ends it") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    task_group group(io.get_executor());
    group.spawn(read_once(pair.near, got));
    pair.near.read_deadline(soon());
    pair.near.read_deadline(base::clock::now() + 5ms);
    run(io, group.join());
    CHECK(got.error() == asio::error::timed_out);
}

TEST_CASE("reading goes on after a deadline that has passed") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    pair.near.read_deadline(base::clock::now() + 1ms);
    run(io, read_once(pair.near, got));
    CHECK(got.error() == asio::error::timed_out);
    pair.near.read_deadline(base::time_point::max());
    outcome how;
    task_group group(io.get_executor());
    const std::string late = "late";
    group.spawn(send_all(pair.far, late, how));
    run(io, read_once(pair.near, got));
    CHECK(*got == 4);
}

TEST_CASE("closing ends what is pending with operation_aborted") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    task_group group(io.get_executor());
    group.spawn(read_once(pair.near, got));
    io.poll();
    pair.near.close();
    CHECK_FALSE(pair.near.is_open());
    io.run();
    CHECK(got.error() == asio::error::operation_aborted);
}

TEST_CASE("a stream may go while it is read: the read ends with operation_aborted") {
    asio::io_context io;
    auto pair = connected_pair(io.get_executor());
    result<std::size_t> got = std::size_t{0};
    task_group group(io.get_executor());
    pair.near.read_deadline(soon());
    group.spawn(read_once(pair.near, got));
    io.poll();
    pair.near = byte_stream();
    io.run();
    CHECK(got.error() == asio::error::operation_aborted);
}

TEST_CASE("a task that reads can be cancelled, with a deadline and without") {
    for (const bool has_deadline : {false, true}) {
        asio::io_context io;
        auto pair = connected_pair(io.get_executor());
        result<std::size_t> got = std::size_t{0};
        task_group group(io.get_executor());
        if (has_deadline) pair.near.read_deadline(soon());
        group.spawn(read_once(pair.near, got));
        io.poll();
        group.cancel();
        io.poll();
        CHECK(group.size() == 0);
        CHECK(got.error() == asio::error::operation_aborted);
    }
}

TEST_CASE("a stream that is not connected refuses everything") {
    asio::io_context io;
    byte_stream none;
    result<std::size_t> got = std::size_t{0};
    run(io, read_once(none, got));
    CHECK(got.error() == asio::error::not_connected);
    outcome how;
    run(io, send_all(none, "text", how));
    CHECK(how->error() == asio::error::not_connected);
    CHECK_FALSE(none.is_open());
    CHECK(none.remote_address().empty());
    CHECK(none.facts().end_point.empty());
}
