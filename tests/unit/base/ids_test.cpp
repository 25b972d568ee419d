#include "base/ids.hpp"

#include <doctest/doctest.h>

#include <array>
#include <set>

using namespace crosstalk::base;

TEST_CASE("ids are twenty characters that need no escaping anywhere, and all different") {
    std::set<std::string> seen;
    std::set<char> used;
    for (int i = 0; i < 2000; ++i) {
        std::string const id = random_id();
        CHECK(id.size() == 20);
        used.insert(id.begin(), id.end());
        CHECK(seen.insert(id).second);
    }
    std::string const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    CHECK(used == std::set<char>(alphabet.begin(), alphabet.end()));
}

TEST_CASE("random numbers stay below their bound and reach all of it") {
    for (int i = 0; i < 100; ++i) CHECK(random_below(1) == 0);
    std::array<int, 5> seen{};
    for (int i = 0; i < 2000; ++i) {
        unsigned const n = random_below(5);
        REQUIRE(n < 5);
        ++seen[n];
    }
    for (int const count : seen) CHECK(count > 0);
    CHECK(random_below(0xffffffff) < 0xffffffff);
}
