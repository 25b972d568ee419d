#include <doctest/doctest.h>

#include <deque>

#include "talk/path.hpp"

using namespace crosstalk::talk;
using namespace std::chrono_literals;

namespace {
const crosstalk::base::time_point t0{std::chrono::hours(1)};
void send(path& p, const char* id, std::size_t bytes, crosstalk::base::time_point now) {
    p.sent({id, bytes, now, {}});
}
}  // namespace

TEST_CASE("a path begins with 16 KiB and one stanza may always be outstanding") {
    path p;
    CHECK(p.may_send(t0));
    send(p, "1", 100'000, t0);
    CHECK_FALSE(p.may_send(t0));
    CHECK(p.answered("1", false, t0 + 1ms));
    CHECK(p.may_send(t0 + 1ms));
    send(p, "2", 16'000, t0 + 1ms);
    CHECK(p.may_send(t0 + 1ms));
}

TEST_CASE("no more is outstanding than the last half second acknowledged") {
    path p;
    auto now = t0;
    for (int i = 0; i < 40; ++i) {  // 1000 bytes each 100 ms: 10 kB/s
        const std::string id = std::to_string(i);
        send(p, id.c_str(), 1000, now);
        now += 100ms;
        CHECK(p.answered(id, false, now));
    }
    CHECK(p.room(now) <= 6000);
    CHECK(p.room(now) >= 4000);
    now += 5s;  // after a rest it begins anew
    send(p, "x", 1000, now);
    CHECK(p.room(now) == pace::first_size);
}

TEST_CASE("all that is unanswered would fit into one stanza, whatever the path could take") {
    path p;
    p.max_stanza = 10'000;
    send(p, "1", 8'000, t0);
    CHECK(p.may_send(t0));
    CHECK(p.room(t0) == 2'048);
    send(p, "2", 2'048, t0);
    CHECK_FALSE(p.may_send(t0));
}

TEST_CASE("an answer counts once and a guessed id never") {
    path p;
    send(p, "1", 100, t0);
    CHECK_FALSE(p.answered("2", false, t0));
    CHECK(p.answered("1", false, t0));
    CHECK_FALSE(p.answered("1", false, t0));
}

TEST_CASE("no more stanzas are outstanding than its pace says") {
    path p;
    for (std::size_t i = 0; i < pace::first_outstanding; ++i) {
        CHECK(p.may_send(t0));
        send(p, std::to_string(i).c_str(), 10, t0);
    }
    CHECK_FALSE(p.may_send(t0));
}

TEST_CASE("a transfer that is alone may fill its path for longer, until somebody asks") {
    path p;
    auto now = t0;
    unsigned serial = 0;
    std::deque<std::pair<std::string, crosstalk::base::time_point>> queue;
    auto free = now;
    // 2 ms a stanza and 10 MB/s: there is nothing to be gained but by size.
    const auto run = [&](std::chrono::seconds time, bool with_requests) {
        const auto end = now + time;
        std::size_t most = 0;
        for (unsigned step = 0; now < end; ++step) {
            if (with_requests && step % 10 == 0) p.request_came(now);
            while (p.may_send(now)) {
                const auto size = p.room(now);
                free = std::max(free, now) + std::chrono::microseconds(2'000 + size / 10);
                queue.emplace_back(std::to_string(++serial), free);
                send(p, queue.back().first.c_str(), size, now);
            }
            now = queue.front().second;
            CHECK(p.answered(queue.front().first, true, now));
            queue.pop_front();
            most = std::max(most, p.aim() * p.outstanding());
        }
        return most;
    };
    p.request_came(now);
    CHECK(run(20s, true) <= 64 * 1024);
    run(20s, false);
    CHECK(run(1s, false) > 64 * 1024);
    p.request_came(now);
    CHECK(p.aim() <= 16 * 1024);
}

TEST_CASE("no result for 3 s asks for a ping and no pong for 5 s means nobody is there") {
    path p;
    p.rest_is_over(t0);
    send(p, "1", 100, t0);
    CHECK(p.check({}, t0 + 2900ms) == path::verdict::fine);
    CHECK(p.check({}, t0 + 3s) == path::verdict::ping);
    p.pinged("ping", t0 + 3s);
    CHECK(p.is_ping("ping"));
    CHECK(p.check({}, t0 + 7900ms) == path::verdict::fine);
    CHECK(p.is_responsive());
    CHECK(p.check({}, t0 + 8s) == path::verdict::gone);
    CHECK_FALSE(p.is_responsive());
    p.heard(0, t0 + 9s);
    CHECK(p.is_responsive());
}

TEST_CASE("what is unanswered two seconds after a later stanza was answered is lost") {
    const auto never_late = [](const share&) { return false; };
    path p;
    send(p, "1", 100, t0);
    send(p, "2", 100, t0 + 1ms);
    send(p, "3", 100, t0 + 2ms);
    CHECK(p.answered("2", false, t0 + 10ms));
    CHECK(p.take_lost(never_late, t0 + 2s).empty());
    const auto lost = p.take_lost(never_late, t0 + 2010ms);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].id == "1");
    CHECK(p.outstanding() == 1);
    CHECK_FALSE(p.answered("1", false, t0 + 3s));
}

TEST_CASE(
    "what is unanswered two seconds after a later ping was answered is lost, but for what may be "
    "late") {
    const auto may_be_late = [](const share& s) { return s.batch == "slow"; };
    path p;
    p.sent({"1", 100, t0, {{true, "quick", 0}}});
    p.sent({"2", 100, t0, {{true, "quick", 0}, {true, "slow", 0}}});
    p.pinged("ping", t0 + 3s);
    p.sent({"3", 100, t0 + 3100ms, {}});
    p.heard(10, t0 + 4s);
    CHECK(p.is_ping("ping"));
    p.ponged(t0 + 4s);
    CHECK_FALSE(p.is_ping("ping"));
    CHECK(p.take_lost(may_be_late, t0 + 5900ms).empty());
    const auto lost = p.take_lost(may_be_late, t0 + 6s);
    REQUIRE(lost.size() == 1);
    CHECK(lost[0].id == "1");
    p.rest_is_over(t0 + 10s);
    CHECK(p.take_lost([](const share&) { return false; }, t0 + 11s).empty());
}

TEST_CASE("what has been waited for five seconds asks for a ping, whatever else is heard") {
    path p;
    send(p, "1", 100, t0);
    p.heard(10, t0 + 4900ms);
    CHECK(p.check({}, t0 + 4900ms) == path::verdict::fine);
    CHECK(p.check({}, t0 + 5s) == path::verdict::ping);
    p.pinged("ping", t0 + 5s);
    p.heard(10, t0 + 5100ms);
    CHECK(p.check({}, t0 + 6s) == path::verdict::fine);
}

TEST_CASE("any sign of life counts as a pong") {
    path p;
    p.rest_is_over(t0);
    send(p, "1", 100, t0);
    p.pinged("ping", t0 + 3s);
    p.heard(0, t0 + 4s);
    CHECK(p.check({}, t0 + 5s) == path::verdict::fine);
}

TEST_CASE("a pong may queue behind one stanza of a body, at the rate of the slowest server") {
    path p;
    const path::waiting body{.for_answer = true, .for_body = true};
    p.heard(30'000, t0);
    p.pinged("ping", t0 + 3s);
    CHECK(p.check(body, t0 + 14900ms) == path::verdict::fine);
    CHECK(p.check(body, t0 + 15s) == path::verdict::gone);
    path ordinary;
    ordinary.heard(6'000, t0);
    ordinary.pinged("ping", t0 + 3s);
    CHECK(ordinary.check(body, t0 + 7900ms) == path::verdict::fine);
    CHECK(ordinary.check(body, t0 + 8s) == path::verdict::gone);
    path large;
    large.heard(200'000, t0);
    large.pinged("ping", t0);
    CHECK(large.check(body, t0 + 29s) == path::verdict::fine);
    CHECK(large.check(body, t0 + 30s) == path::verdict::gone);
}

TEST_CASE(
    "silence of one who owes an answer asks for a ping after 2 s, of one who waits for us after 30 s") {
    path p;
    p.rest_is_over(t0);
    CHECK(p.check({.for_answer = true}, t0 + 1900ms) == path::verdict::fine);
    CHECK(p.check({.for_answer = true}, t0 + 2s) == path::verdict::ping);
    CHECK(p.check({.for_request = true}, t0 + 29s) == path::verdict::fine);
    CHECK(p.check({.for_request = true}, t0 + 30s) == path::verdict::ping);
    CHECK(p.check({}, t0 + 60s) == path::verdict::fine);
}
