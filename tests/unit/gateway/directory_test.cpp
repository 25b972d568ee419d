// Sites: their names, and fixed and registered ones as one.
#include "gateway/directory.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {

TEST_CASE("what may name a site") {
    for (const char* name : {"a", "7", "romeo", "r-2", "a--b"}) CHECK_MESSAGE(is_site_name(name), name);
    for (const char* name : {"", "-a", "a-", "A", "a.b", "a_b", "a b", "é"})
        CHECK_FALSE_MESSAGE(is_site_name(name), name);
    CHECK(is_site_name(std::string(63, 'a')));
    CHECK_FALSE(is_site_name(std::string(64, 'a')));
}

TEST_CASE("a fixed name wins over the registry's") {
    directory sites;
    sites.assign(
        {{"romeo", "mallory@example.org", false, 7}, {"juliet", "juliet@example.org", false, 8}});
    sites.fix({{"romeo", "romeo@example.org"}});
    REQUIRE(sites.find("romeo") != nullptr);
    CHECK(sites.find("romeo")->owner == "romeo@example.org");
    CHECK(sites.find("romeo")->fixed);
    CHECK(sites.find("juliet")->created == 8);
    CHECK(sites.find("nobody") == nullptr);
    CHECK(sites.size() == 2);
    CHECK_FALSE(sites.is_owner("mallory@example.org"));
}

TEST_CASE("owners and their sites, in order") {
    directory sites;
    sites.fix({{"b", "romeo@example.org"}, {"a", "romeo@example.org"}, {"c", "juliet@example.org"}});
    CHECK(sites.owners() == std::vector<std::string>{"juliet@example.org", "romeo@example.org"});
    const auto his = sites.of_owner("romeo@example.org");
    REQUIRE(his.size() == 2);
    CHECK(his[0]->name == "a");
    CHECK(his[1]->name == "b");
    CHECK(sites.of_owner("nobody@example.org").empty());
    sites.fix({});
    CHECK(sites.owners().empty());
}

}  // namespace crosstalk::gateway
