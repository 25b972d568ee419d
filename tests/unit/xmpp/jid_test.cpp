// Addresses as people type them and as servers write them.
#include "xmpp/jid.hpp"

#include <doctest/doctest.h>

#include "xmpp/error.hpp"

using namespace crosstalk::xmpp;

namespace {

std::string prepared(std::string_view text) {
    const auto j = jid::parse(text);
    return j ? j->full() : std::string("(") + std::to_string(j.error().value()) + ")";
}
const std::string refused = "(" + std::to_string(static_cast<int>(errc::bad_jid)) + ")";

}  // namespace

TEST_CASE("a JID is split at the first slash and the at-sign before it") {
    const auto j = jid::parse("romeo@montague.example/a@b/c");
    REQUIRE(j.has_value());
    CHECK(j->node() == "romeo");
    CHECK(j->domain() == "montague.example");
    CHECK(j->resource() == "a@b/c");
    CHECK(j->bare() == "romeo@montague.example");
    CHECK_FALSE(j->is_bare());
    CHECK(prepared("example.org/x@y") == "example.org/x@y");
}

TEST_CASE("parts are prepared by their profiles") {
    CHECK(prepared("Romeo@MONTAGUE.Example/Phone") == "romeo@montague.example/Phone");
    CHECK(prepared("example.org.") == "example.org");
    CHECK(prepared("STRASSE@B\xC3\xBC"
                   "CHER.example") ==
          "strasse@b\xC3\xBC"
          "cher.example");
    CHECK(prepared("\xEF\xBC\xA1@example.org") == "a@example.org");  // fullwidth A
    CHECK(prepared("a@[2001:db8::1]") == "a@[2001:db8::1]");
}

TEST_CASE("what is no JID is refused") {
    for (const char* text :
         {"",      "@",      "/",    "a@",    "@b",   "a@b/",    "/r",     "a b@c",
          "a\"@c", "a'@c",   "a&@c", "a:@c",  "a<@c", "a@b c",   "a@b@c",  "a@.",
          "a@..",  "a@b..c", "a@.b", "a@[x]", "a@[]", "a@b\x01", "a@\xFF", "a@b/\xEF\xBF\xBE"}) {
        CAPTURE(text);
        CHECK(prepared(text) == refused);
    }
}

TEST_CASE("each part has 1023 bytes at most") {
    const std::string most(1023, 'x'), more(1024, 'x');
    CHECK(prepared(most + "@" + most + "/" + most) == most + "@" + most + "/" + most);
    CHECK(prepared(more + "@b") == refused);
    CHECK(prepared("a@" + more) == refused);
    CHECK(prepared("a@b/" + more) == refused);
    CHECK_FALSE(jid::from_server("a@b/" + more).has_value());
}

TEST_CASE("what a server writes is split and not prepared again") {
    const auto j = jid::from_server("Romeo@Example.org/R");
    REQUIRE(j.has_value());
    CHECK(j->full() == "Romeo@Example.org/R");
    CHECK_FALSE(jid::from_server("").has_value());
    CHECK_FALSE(jid::from_server("a@/r").has_value());
    CHECK_FALSE(jid::from_server("a@b/").has_value());
    CHECK_FALSE(jid::from_server("a@b/\x02").has_value());
}

TEST_CASE("bare and domain are found without parsing") {
    CHECK(bare_of("a@b/c/d") == "a@b");
    CHECK(bare_of("b") == "b");
    CHECK(domain_of("a@b/c@d") == "b");
    CHECK(domain_of("b/c@d") == "b");
    CHECK(domain_of("b") == "b");
}
