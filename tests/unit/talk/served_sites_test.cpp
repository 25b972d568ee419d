// <sites/> in presence.
#include "talk/served_sites.hpp"

#include <doctest/doctest.h>

#include "xmpp/presence.hpp"

using namespace crosstalk;
using names = std::vector<std::string>;

namespace {

xmpp::element presence_with(const xmpp::element& list) {
    auto presence = xmpp::make_presence(xmpp::presence_type::available);
    presence.add(list);
    return presence;
}

}  // namespace

TEST_CASE("what is written is read") {
    for (const auto& some : {names{}, names{"romeo"}, names{"balcony", "orchard"}})
        CHECK(talk::read_served_sites(presence_with(talk::to_served_sites(some))) == some);
    CHECK_FALSE(talk::read_served_sites(xmpp::make_presence(xmpp::presence_type::available)).has_value());
    CHECK_FALSE(talk::read_served_sites(presence_with({"sites", "urn:other"})).has_value());
}

TEST_CASE("what is no name of a site is passed over, and the first 64 count") {
    auto list = talk::to_served_sites({"", std::string(64, 'a'), "romeo"});
    list.add({"site", "urn:other"}).set("name", "other");
    list.add({"place", std::string(xmpp::ns::crosstalk)}).set("name", "place");
    CHECK(talk::read_served_sites(presence_with(list)) == names{"romeo"});
    CHECK(talk::read_served_sites(presence_with(talk::to_served_sites(names(1000, "romeo"))))->size() == 64);
}
