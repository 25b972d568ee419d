// Task groups and bells.
#include <doctest/doctest.h>

#include <stdexcept>

#include "loop.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

awaitable<void> wait_on(bell& b, int& rung, int& left) {
    const bool rang = co_await b.wait(base::time_point::max());
    rung += rang ? 1 : 0;
    ++left;
}

awaitable<void> wait_for_ever(bell& b, int& ended) {
    const struct counting {
        int& n;
        ~counting() { ++n; }
    } at_exit{ended};
    for (;;) {
        const bool rang = co_await b.wait(base::time_point::max());
        (void)rang;
    }
}

awaitable<void> throw_at_once() {
    throw std::runtime_error("as the test wants it");
    co_return;
}

awaitable<void> cancel_and_join(task_group& group) {
    group.cancel();
    co_await group.join();
}

awaitable<void> join_only(task_group& group, int& joined) {
    co_await group.join();
    ++joined;
}

}  // namespace

TEST_CASE("cancelled children end, and join waits for all of them") {
    asio::io_context io;
    bell never(io.get_executor());
    task_group group(io.get_executor());
    int ended = 0;
    for (int i = 0; i < 5; ++i) group.spawn(wait_for_ever(never, ended));
    CHECK(group.size() == 5);
    run(io, cancel_and_join(group));
    CHECK(ended == 5);
    CHECK(group.size() == 0);
}

TEST_CASE("an exception ends its own task alone") {
    asio::io_context io;
    bell never(io.get_executor());
    task_group group(io.get_executor());
    int ended = 0;
    group.spawn(throw_at_once());
    group.spawn(wait_for_ever(never, ended));
    io.poll();
    CHECK(group.size() == 1);
    CHECK(ended == 0);
    run(io, cancel_and_join(group));
    CHECK(ended == 1);
}

TEST_CASE("who is cancelled while joining cancels the children and still waits for them") {
    asio::io_context io;
    bell never(io.get_executor());
    task_group inner(io.get_executor());
    task_group outer(io.get_executor());
    int ended = 0;
    int joined = 0;
    inner.spawn(wait_for_ever(never, ended));
    outer.spawn(join_only(inner, joined));
    io.poll();
    CHECK(inner.size() == 1);
    run(io, cancel_and_join(outer));
    CHECK(ended == 1);
    CHECK(inner.size() == 0);
    CHECK(joined == 1);
}

TEST_CASE("joining an empty group returns at once") {
    asio::io_context io;
    task_group group(io.get_executor());
    int joined = 0;
    run(io, join_only(group, joined));
    CHECK(joined == 1);
}

TEST_CASE("a bell wakes everybody who waits, and keeps nothing for those who come later") {
    asio::io_context io;
    bell b(io.get_executor());
    task_group group(io.get_executor());
    int rung = 0;
    int left = 0;
    b.ring();
    for (int i = 0; i < 3; ++i) group.spawn(wait_on(b, rung, left));
    io.poll();
    CHECK(left == 0);
    b.ring();
    CHECK(left == 0);
    io.poll();
    CHECK(left == 3);
    CHECK(rung == 3);
}

TEST_CASE("a bell that does not ring in time says so") {
    asio::io_context io;
    bell b(io.get_executor());
    CHECK_FALSE(run(io, b.wait(base::clock::now() + 5ms)));
}

TEST_CASE("waiters with deadlines of their own do not wake each other") {
    asio::io_context io;
    bell b(io.get_executor());
    task_group group(io.get_executor());
    int rung = 0;
    int left = 0;
    group.spawn(wait_on(b, rung, left));
    asio::co_spawn(io, b.wait(base::clock::now() + 5ms), [&](std::exception_ptr, bool rang) {
        CHECK_FALSE(rang);
        CHECK(left == 0);
        b.ring();
    });
    io.run();
    CHECK(rung == 1);
}
