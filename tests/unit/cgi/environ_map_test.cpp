#include "crosstalk/environ.hpp"

#include <doctest/doctest.h>

using crosstalk::cgi::environ_map;

TEST_CASE("a dictionary keeps the order of first setting and one value per name") {
    environ_map map;
    map.set("B", "1");
    map.set("A", "2");
    map.set("B", "3");
    CHECK(map == environ_map{{"B", "3"}, {"A", "2"}});
    CHECK(map.size() == 2);
}

TEST_CASE("absence and emptiness differ") {
    environ_map map{{"EMPTY", ""}};
    REQUIRE(map.find("EMPTY") != nullptr);
    CHECK(map.find("EMPTY")->empty());
    CHECK(map.find("empty") == nullptr);
    CHECK(map.get("absent").empty());
    map.erase("absent");
    CHECK(map.size() == 1);
    map.erase("EMPTY");
    CHECK(map.size() == 0);
}
