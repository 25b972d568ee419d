// Sites: their names, and fixed and registered ones as one.
#include "gateway/directory.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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
    sites.fix({{"romeo", "romeo@example.org", true}});
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
    auto owners = sites.owners();
    std::ranges::sort(owners);
    CHECK(owners == std::vector<std::string>{"juliet@example.org", "romeo@example.org"});
    const auto his = sites.of_owner("romeo@example.org");
    REQUIRE(his.size() == 2);
    CHECK(his[0]->name == "a");
    CHECK(his[1]->name == "b");
    CHECK(sites.of_owner("nobody@example.org").empty());
    sites.fix({});
    CHECK(sites.owners().empty());
}

TEST_CASE("how many names a domain has, without those that are fixed") {
    directory sites;
    CHECK(sites.registered_in("montague.example") == 0);
    sites.assign({{"balcony", "romeo@montague.example"}, {"square", "benvolio@montague.example"}, {"tomb", "juliet@capulet.example"}});
    CHECK(sites.registered_in("montague.example") == 2);
    CHECK(sites.registered_in("capulet.example") == 1);
    CHECK(sites.registered_in("example") == 0);
    sites.put({"balcony", "juliet@capulet.example"});
    CHECK(sites.registered_in("montague.example") == 1);
    CHECK(sites.registered_in("capulet.example") == 2);
    sites.fix({{"square", "benvolio@montague.example", true}, {"orchard", "romeo@montague.example", true}});
    CHECK(sites.registered_in("montague.example") == 0);
    sites.fix({});
    CHECK(sites.registered_in("montague.example") == 1);
    sites.remove("square");
    sites.remove("square");
    CHECK(sites.registered_in("montague.example") == 0);
    sites.assign({});
    CHECK(sites.registered_in("capulet.example") == 0);
}

TEST_CASE("sites come and go one by one, with the hosts that they have") {
    directory sites;
    site shop{"shop", "romeo@example.org"};
    shop.hosts = {"www.example.net"};
    sites.put(shop);
    sites.put({"tomb", "romeo@example.org"});
    REQUIRE(sites.find_host("www.example.net") != nullptr);
    CHECK(sites.find_host("www.example.net")->name == "shop");
    CHECK(sites.of_owner("romeo@example.org").size() == 2);
    shop.owner = "juliet@example.org";
    shop.hosts = {"example.net"};
    sites.put(shop);
    CHECK(sites.find_host("www.example.net") == nullptr);
    CHECK(sites.find_host("example.net")->owner == "juliet@example.org");
    CHECK(sites.of_owner("romeo@example.org").size() == 1);
    sites.remove("tomb");
    sites.remove("tomb");
    CHECK_FALSE(sites.is_owner("romeo@example.org"));
    sites.remove("shop");
    CHECK(sites.find_host("example.net") == nullptr);
    CHECK(sites.size() == 0);
}

TEST_CASE("what the registry says of a fixed name waits for the day that it is not fixed") {
    directory sites;
    sites.fix({{"romeo", "romeo@example.org", true}});
    sites.put({"romeo", "mallory@example.org"});
    CHECK(sites.find("romeo")->fixed);
    sites.fix({});
    CHECK(sites.find("romeo")->owner == "mallory@example.org");
    sites.assign({});
    CHECK(sites.find("romeo") == nullptr);
}

TEST_CASE("visibility in words") {
    for (const auto v : {visibility::everybody, visibility::roster, visibility::listed})
        CHECK(parse_visibility(to_text(v)) == v);
    CHECK_FALSE(parse_visibility("Public"));
    CHECK_FALSE(parse_visibility(""));
}

}  // namespace crosstalk::gateway
