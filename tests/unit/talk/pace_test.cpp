#include <doctest/doctest.h>

#include <deque>
#include <functional>
#include <random>

#include "talk/pace.hpp"

using namespace crosstalk::talk;
using namespace std::chrono_literals;
using microseconds = std::chrono::microseconds;

namespace {

// A server that handles one stanza after the other, each in a time that depends on its size; the sender
// always has something waiting.
struct server {
    explicit server(std::function<microseconds(std::size_t)> c) : cost(std::move(c)) {}
    std::function<microseconds(std::size_t)> cost;
    crosstalk::base::time_point now{std::chrono::hours(1)};
    struct stanza {
        std::size_t bytes;
        crosstalk::base::time_point sent, done;
    };
    std::deque<stanza> queue;
    crosstalk::base::time_point free = now;
    std::uint64_t carried = 0;

    void run(pace& p, std::chrono::seconds time) {
        const auto end = now + time;
        while (now < end) step(p);
    }
    void step(pace& p) {
        while (queue.size() < p.outstanding()) {
            free = std::max(free, now) + cost(p.size());
            queue.push_back({p.size(), now, free});
        }
        const stanza s = queue.front();
        queue.pop_front();
        now = s.done;
        carried += s.bytes;
        p.answered(s.bytes, s.sent, true, now);
    }
};

}  // namespace

TEST_CASE("a path begins with 4 KB and four stanzas") {
    const pace p(10ms);
    CHECK(p.size() == 4096);
    CHECK(p.outstanding() == 4);
}

TEST_CASE("where stanzas cost more than bytes, they grow") {
    pace p(10ms);
    server s([](std::size_t bytes) { return microseconds(200 + bytes / 1000); });
    s.run(p, 3s);
    s.carried = 0;
    s.run(p, 2s);
    CHECK(s.carried / 2 > 200'000'000);  // 128 KB stanzas: 400 MB/s; 4 KB ones: 20 MB/s
}

TEST_CASE("where large stanzas stall, they stay small") {
    pace p(10ms);
    server s([](std::size_t bytes) { return bytes > 5000 ? microseconds(40'000) : microseconds(250); });
    s.run(p, 2s);
    s.carried = 0;
    s.run(p, 10s);
    CHECK(s.carried / 10 > 13'000'000);  // 4 KB all the time: 16.4 MB/s
}

TEST_CASE("a machine that is busy with other things does not lead it astray") {
    const auto throughput = [](const std::function<double(std::size_t)>& cost, unsigned seed) {
        pace p(10ms);
        std::minstd_rand dice(seed);
        server s([&](std::size_t bytes) {
            // Others take the processor away for some milliseconds now and then.
            const bool is_preempted = dice() % 20 == 0;
            const double noise = 0.7 + static_cast<double>(dice() % 1000) / 1000;
            return microseconds(static_cast<long>(cost(bytes) * noise) + (is_preempted ? 6000 : 0));
        });
        s.run(p, 5s);
        s.carried = 0;
        s.run(p, 20s);
        return static_cast<double>(s.carried) / 20;
    };
    for (unsigned seed = 1; seed <= 8; ++seed) {
        CAPTURE(seed);
        // 200 us and 20 ns a byte for each stanza, 1.2 on average, and 300 us of others: 128 KB carry
        // 39 MB/s.
        CHECK(throughput([](std::size_t bytes) { return 200 + static_cast<double>(bytes) / 50; },
                         seed) > 28e6);
        // Beyond 5 KB a stanza stalls: 4 KB carry 6.8 MB/s.
        CHECK(throughput([](std::size_t bytes) { return bytes > 5000 ? 40'000 : 250.0; }, seed) > 5e6);
    }
}

TEST_CASE("what brings nothing is not made larger") {
    pace p(10ms);
    server s(
        [](std::size_t bytes) { return microseconds(bytes * 100); });  // 10 kB/s, whatever the size
    s.run(p, 600s);
    CHECK(p.size() <= 8192);
    CHECK(p.outstanding() <= 8);
}

TEST_CASE("a transfer does not put tens of milliseconds in front of others") {
    pace p(10ms);
    server s([](std::size_t bytes) { return microseconds(300 + bytes / 10); });  // 10 MB/s at most
    s.run(p, 10s);
    CHECK(p.size() * p.outstanding() <= 128 * 1024);
    CHECK(p.size() >= 8 * 1024);
}

TEST_CASE("what could not fit is not even tried") {
    pace p(10ms);
    server s([](std::size_t bytes) { return microseconds(bytes / 4); });  // 4 MB/s, whatever the size
    std::size_t most = 0;
    const auto end = s.now + 30s;
    while (s.now < end) {
        s.step(p);
        most = std::max(most, p.size() * p.outstanding());
    }
    CHECK(most <= 60'000);  // 10 ms at half as much again
}

TEST_CASE("who may fill its path for longer moves more where large stanzas are cheap") {
    pace alone(40ms), shared(10ms);
    for (pace* p : {&alone, &shared}) {
        server s([](std::size_t bytes) { return microseconds(2'000 + bytes / 10); });
        s.run(*p, 20s);
        CHECK((p->size() * p->outstanding() > 64 * 1024) == (p == &alone));
    }
}

TEST_CASE("a path that is never busy keeps its pace") {
    pace p(10ms);
    auto now = crosstalk::base::time_point{std::chrono::hours(1)};
    for (int i = 0; i < 1000; ++i) {
        now += 5ms;
        p.answered(4000, now - 5ms, false, now);
    }
    CHECK(p.size() == 4096);
    CHECK(p.outstanding() == 4);
}

TEST_CASE("a trial that the end of the work interrupts is not kept") {
    pace p(10ms);
    server s([](std::size_t) { return microseconds(250); });
    while (p.size() == 4096 && p.outstanding() == 4) s.step(p);
    for (int i = 0; i < 8; ++i) p.answered(1, s.now, false, s.now);
    CHECK(p.size() == 4096);
    CHECK(p.outstanding() == 4);
}

TEST_CASE("messages are packed where that moves more, and only when it is allowed") {
    pace allowed(10ms), forbidden(10ms);
    allowed.allow_packing();
    for (pace* p : {&allowed, &forbidden}) {
        server s([p](std::size_t bytes) { return microseconds(bytes / (p->packs() ? 20 : 10)); });
        s.run(*p, 5s);
        s.carried = 0;
        s.run(*p, 5s);
        CHECK((s.carried / 5 > 15'000'000) == (p == &allowed));
    }
}
