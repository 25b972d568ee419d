// Counting what goes to sites.
#include "gateway/traffic.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {

TEST_CASE("requests are counted while they are open and after") {
    traffic flows;
    {
        auto one = flows.begin("romeo");
        auto moved = std::move(one);
        CHECK(flows.of("romeo").open == 1);
        moved.carried(10, 2000);
        const auto other = flows.begin("juliet");
        CHECK(flows.total().open == 2);
    }
    CHECK(flows.of("romeo") == traffic::flow{1, 10, 2000, 0});
    CHECK(flows.total() == traffic::flow{2, 10, 2000, 0});
    CHECK(flows.of("nobody") == traffic::flow{});
}

TEST_CASE("the sites that are asked most come first, equals by name") {
    traffic flows;
    for (const auto* site : {"b", "c", "a", "c"}) (void)flows.begin(site);
    const auto top = flows.top(2);
    REQUIRE(top.size() == 2);
    CHECK(top[0].first == "c");
    CHECK(top[1].first == "a");
    CHECK(flows.top(100).size() == 3);
}

TEST_CASE("of too many sites those who are asked least are forgotten, but for those being asked") {
    traffic flows;
    for (int i = 0; i < 3; ++i) (void)flows.begin("famous");
    const auto open = flows.begin("open");
    for (std::size_t i = 0; i < 2 * traffic::most_sites; ++i) {
        (void)flows.begin("site" + std::to_string(i));
        CHECK(flows.remembered() <= traffic::most_sites);
    }
    CHECK(flows.of("famous").requests == 3);
    CHECK(flows.of("open").open == 1);
    CHECK(flows.total().requests == 4 + 2 * traffic::most_sites);
}

TEST_CASE("a request that ends after its site was forgotten is harmless") {
    traffic flows;
    std::vector<traffic::request> open;
    for (std::size_t i = 0; i <= traffic::most_sites; ++i) open.push_back(flows.begin("site" + std::to_string(i)));
    CHECK(flows.remembered() <= traffic::most_sites);
    for (auto& each : open) each.carried(1, 1);
    open.clear();
    CHECK(flows.total().open == 0);
    CHECK(flows.total().bytes_in == traffic::most_sites + 1);
}

}  // namespace crosstalk::gateway
