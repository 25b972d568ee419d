// How often something happens to each of many, and how long that is remembered.
#include "gateway/frequency.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
const base::time_point start{1000s};
const std::string juliet = "juliet@capulet.example";

}  // namespace

TEST_CASE("how often something happened is remembered as long as it matters") {
    frequency twice(2, 10min);
    CHECK(twice.allows(juliet, start));
    twice.count(juliet, start);
    twice.count(juliet, start + 5min);
    CHECK_FALSE(twice.allows(juliet, start + 9min));
    CHECK(twice.allows(juliet, start + 10min));
    for (int at = 0; at < 10'000; ++at) {
        const auto who = std::to_string(at);
        const auto now = start + 10min * (1 + at / 1000);
        twice.count(who, now);
        CHECK(twice.allows(who, now));
        CHECK(twice.allows("0", now + 10min));  // who has rested, and does nothing again
    }
    CHECK(twice.remembered() < 6000);
    twice.allow(0);
    CHECK_FALSE(twice.allows("somebody else", start));
}

}  // namespace crosstalk::gateway
