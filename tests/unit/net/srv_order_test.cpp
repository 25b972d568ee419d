// The order of SRV records, with every draw in the test's hands.
#include "net/srv_order.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::net;

namespace {

resolver::srv_record record(std::string target, std::uint16_t priority, std::uint16_t weight) {
    return {std::move(target), 5222, priority, weight, false};
}

std::string order(std::vector<resolver::srv_record> records, unsigned drawn) {
    std::string names;
    for (const auto& r :
         in_trying_order(std::move(records), [&](unsigned below) { return drawn % below; }))
        names += r.target;
    return names;
}

}  // namespace

TEST_CASE("lower priorities come first, whatever their weight") {
    CHECK(order({record("c", 30, 0), record("a", 10, 1), record("b", 20, 65535)}, 7) == "abc");
}

TEST_CASE("within a priority the draw decides by running sums of weights") {
    const std::vector records = {record("a", 1, 10), record("b", 1, 60), record("c", 1, 30)};
    CHECK(order(records, 0) == "abc");
    CHECK(order(records, 10) == "abc");
    CHECK(order(records, 11) == "bca");
    CHECK(order(records, 70) == "bca");
    CHECK(order(records, 71) == "cab");
    CHECK(order(records, 100) == "cba");
}

TEST_CASE("a record without weight is drawn by zero alone") {
    const std::vector records = {record("a", 1, 5), record("z", 1, 0)};
    CHECK(order(records, 0) == "za");
    CHECK(order(records, 1) == "az");
}

TEST_CASE("the draw may be as high as the sum of all weights, not higher") {
    std::vector<unsigned> bounds;
    const auto ordered = in_trying_order(
        {record("a", 1, 65535), record("b", 1, 65535), record("c", 2, 0)}, [&](unsigned below) {
            bounds.push_back(below);
            return below - 1;
        });
    CHECK(bounds == std::vector<unsigned>{131071, 65536, 1});
    CHECK(ordered.size() == 3);
    CHECK(ordered.front().target == "b");
}

TEST_CASE("nothing stays nothing") { CHECK(order({}, 3).empty()); }
