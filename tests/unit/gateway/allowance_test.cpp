// How many requests each may have open, and how many a second.
#include "gateway/allowance.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace crosstalk::gateway {
namespace {

const base::time_point start = base::time_point() + std::chrono::hours(1);

/// How many of `tries` are let through that come and go one after the other.
std::size_t let_through(allowance& a, const std::string& who, std::size_t tries, base::time_point now) {
    std::size_t passed = 0;
    for (std::size_t i = 0; i < tries; ++i) passed += a.take(who, now) ? 1U : 0U;
    return passed;
}

}  // namespace

TEST_CASE("each has so many open at once, and one that ends makes room for the next") {
    allowance a({3, 0});
    std::vector<allowance::place> held;
    for (int i = 0; i < 3; ++i) held.push_back(a.take("192.0.2.1", start));
    CHECK(a.open("192.0.2.1") == 3);
    CHECK_FALSE(a.take("192.0.2.1", start));
    CHECK(a.take("192.0.2.2", start));
    held.pop_back();
    CHECK(a.open("192.0.2.1") == 2);
    CHECK(a.take("192.0.2.1", start));
}

TEST_CASE("a place that is moved counts once, and one that is replaced is given back") {
    allowance a({2, 0});
    auto first = a.take("a", start);
    auto second = std::move(first);
    CHECK(a.open("a") == 1);
    second = a.take("b", start);
    CHECK(a.open("a") == 0);
    CHECK(a.open("b") == 1);
    second = {};
    CHECK(a.remembered() == 0);
}

TEST_CASE("without a rate nobody is remembered who has nothing open") {
    allowance a({2, 0});
    CHECK(let_through(a, "a", 100'000, start) == 100'000);
    CHECK(a.remembered() == 0);
}

TEST_CASE("ten seconds of the rate may come in one go, then as many as the rate says") {
    allowance a({1, 5});
    CHECK(let_through(a, "a", 100, start) == 50);
    CHECK(let_through(a, "a", 100, start + std::chrono::seconds(1)) == 5);
    CHECK(let_through(a, "a", 100, start + std::chrono::milliseconds(1'200)) == 1);
    CHECK(let_through(a, "b", 100, start) == 50);
    CHECK(let_through(a, "a", 100, start + std::chrono::seconds(60)) == 50);
}

TEST_CASE("what is refused counts for nothing") {
    allowance a({1, 5});
    CHECK(let_through(a, "a", 1'000, start) == 50);
    CHECK(let_through(a, "a", 1'000, start + std::chrono::seconds(1)) == 5);
}

TEST_CASE("asking whether there is room takes none, and remembers nobody") {
    allowance a({1, 1});
    CHECK(a.has_room("a", start, {1, 1}));
    CHECK_FALSE(a.has_room("a", start, {0, 0}));
    CHECK(a.remembered() == 0);
    auto held = a.take("a", start);
    CHECK_FALSE(a.has_room("a", start, {1, 1}));
    CHECK(a.has_room("a", start, {2, 1}));
    held = {};
    CHECK(let_through(a, "a", 100, start) == 9);
    CHECK_FALSE(a.has_room("a", start, {1, 1}));
    CHECK(a.has_room("a", start + std::chrono::seconds(1), {1, 1}));
}

TEST_CASE("however many come, what is remembered of them is bounded") {
    allowance a({1, 1});
    auto held = a.take("one with something open", start);
    for (int i = 0; i < 100'000; ++i) (void)a.take("visitor " + std::to_string(i), start);
    CHECK(a.remembered() <= 4096);
    CHECK(a.open("one with something open") == 1);
}

TEST_CASE("other limits hold for what comes after them") {
    allowance a({1, 0});
    const auto held = a.take("a", start);
    a.configure({2, 0});
    const auto second = a.take("a", start);
    CHECK(second);
    a.configure({1, 0});
    CHECK_FALSE(a.take("a", start));
}

}  // namespace crosstalk::gateway
