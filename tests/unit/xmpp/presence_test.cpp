// Presence as values, to XML and back.
#include "xmpp/presence.hpp"

#include <doctest/doctest.h>

#include "script.hpp"

using namespace crosstalk::xmpp;
using test::parse;

namespace {

int priority_of(const std::string& text) {
    return read_presence(parse("<presence><priority>" + text + "</priority></presence>"))->priority;
}

}  // namespace

TEST_CASE("every type is read as it was written") {
    for (int i = 0; i <= static_cast<int>(presence_type::error); ++i) {
        const auto type = static_cast<presence_type>(i);
        const auto read = read_presence(parse(make_presence(type, "a@b", "c@d/e").to_xml()));
        REQUIRE(read.has_value());
        CHECK(read->type == type);
        CHECK(read->to == "a@b");
        CHECK(read->from == "c@d/e");
    }
    CHECK(make_presence(presence_type::probe, "a@b").to_xml() == "<presence type='probe' to='a@b'/>");
    CHECK(make_presence(presence_type::available).to_xml() == "<presence/>");
}

TEST_CASE("what is no presence is none") {
    CHECK_FALSE(read_presence(parse("<message/>")).has_value());
    CHECK_FALSE(read_presence(parse("<presence type='invisible'/>")).has_value());
}

TEST_CASE("priority is a number between -128 and 127") {
    CHECK(priority_of("5") == 5);
    CHECK(priority_of("-128") == -128);
    CHECK(priority_of("127") == 127);
    for (const char* text : {"128", "-129", "x", "", "1 ", "99999999999"})
        CHECK(priority_of(text) == 0);
    CHECK(read_presence(parse("<presence/>"))->priority == 0);
}

TEST_CASE("caps and errors come along") {
    const auto read = read_presence(parse(make_available({"n", "v", "sha-1"}, "a@b").to_xml()));
    REQUIRE(read->caps.has_value());
    CHECK(read->caps->ver == "v");
    CHECK_FALSE(read->error.has_value());
    const auto refused =
        read_presence(parse("<presence type='error' from='a@b'><error type='auth'><forbidden "
                            "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>"));
    REQUIRE(refused->error.has_value());
    CHECK(refused->error->what == condition::forbidden);
}
