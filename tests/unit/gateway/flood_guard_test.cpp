// Who asks too much.
#include "gateway/flood_guard.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {

using namespace std::chrono_literals;
using verdict = flood_guard::verdict;

namespace {

constexpr std::size_t burst = flood_guard::rate * 10;

struct stage {
    flood_guard guard;
    base::time_point now{1h};
    verdict ask(const std::string& who) { return guard.judge(who, now); }
};

}  // namespace

TEST_CASE("a burst is answered, then some are told, and the rest is dropped and counted") {
    stage s;
    for (std::size_t i = 0; i < burst; ++i) REQUIRE(s.ask("romeo@montague.example") == verdict::answer);
    std::size_t told = 0, dropped = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto v = s.ask("romeo@montague.example");
        told += v == verdict::refuse ? 1 : 0;
        dropped += v == verdict::drop ? 1 : 0;
    }
    CHECK(told == 10);
    CHECK(dropped == 990);
    CHECK(s.guard.refused() == 1000);
    s.now += 1s;
    std::size_t answered = 0;
    for (int i = 0; i < 100; ++i) answered += s.ask("romeo@montague.example") == verdict::answer ? 1 : 0;
    CHECK(answered == flood_guard::rate);
}

TEST_CASE("one who floods takes nothing from another") {
    stage s;
    for (std::size_t i = 0; i < 10 * burst; ++i) (void)s.ask("tybalt@capulet.example");
    CHECK(s.ask("juliet@capulet.example") == verdict::answer);
}

}  // namespace crosstalk::gateway
