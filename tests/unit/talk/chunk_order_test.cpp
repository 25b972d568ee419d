#include "talk/chunk_order.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::talk;
using verdict = chunk_order::verdict;

namespace {

std::string drained(chunk_order& order) {
    std::string all;
    while (const auto bytes = order.next()) all += *bytes;
    return all;
}

}  // namespace

TEST_CASE("chunks come out in the order of their numbers") {
    chunk_order order;
    CHECK(order.add(2, true, "c") == verdict::taken);
    CHECK(drained(order).empty());
    CHECK(order.has_gap());
    CHECK(order.add(0, false, "a") == verdict::taken);
    CHECK(drained(order) == "a");
    CHECK_FALSE(order.is_complete());
    CHECK(order.add(1, false, "b") == verdict::taken);
    CHECK(drained(order) == "bc");
    CHECK(order.is_complete());
    CHECK_FALSE(order.has_gap());
}

TEST_CASE("a chunk that was there already changes nothing") {
    chunk_order order;
    CHECK(order.add(0, false, "a") == verdict::taken);
    CHECK(order.add(0, false, "x") == verdict::repeated);
    CHECK(drained(order) == "a");
    CHECK(order.add(0, true, "x") == verdict::repeated);
    CHECK_FALSE(order.is_complete());
    CHECK(order.add(2, false, "c") == verdict::taken);
    CHECK(order.add(2, false, "y") == verdict::repeated);
    CHECK(order.add(1, false, "b") == verdict::taken);
    CHECK(drained(order) == "bc");
}

TEST_CASE("only one chunk is the last") {
    chunk_order order;
    CHECK(order.add(3, true, "d") == verdict::taken);
    CHECK(order.add(4, false, "e") == verdict::inconsistent);
    CHECK(order.add(2, true, "c") == verdict::inconsistent);
    chunk_order other;
    CHECK(other.add(3, false, "d") == verdict::taken);
    CHECK(other.add(2, true, "c") == verdict::inconsistent);
}

TEST_CASE("no more than so many chunks and bytes wait for a missing one") {
    chunk_order order;
    for (std::size_t i = 1; i <= chunk_order::most_waiting; ++i)
        CHECK(order.add(i, false, "x") == verdict::taken);
    CHECK(order.add(chunk_order::most_waiting + 1, false, "x") == verdict::too_far);
    CHECK(order.add(0, false, "x") == verdict::taken);
    CHECK(drained(order).size() == chunk_order::most_waiting + 1);
    chunk_order bytes;
    CHECK(bytes.add(1, false, std::string(chunk_order::most_bytes, 'x')) == verdict::taken);
    CHECK(bytes.add(2, false, "x") == verdict::too_far);
    CHECK(bytes.add(0, false, std::string(chunk_order::most_bytes, 'x')) == verdict::taken);
    CHECK(drained(bytes).size() == 2 * chunk_order::most_bytes);
}
