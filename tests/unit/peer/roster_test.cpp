#include "peer/roster.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace crosstalk;
using xmpp::element;

namespace {

const std::string own = "romeo@montague.example";
const std::string juliet = "juliet@capulet.example";

element item(const std::string& jid, const std::string& subscription) {
    element made("item", std::string{xmpp::ns::roster});
    made.set("jid", jid).set("subscription", subscription);
    return made;
}

element iq(const std::string& type, const std::string& id, const std::string& from,
           std::vector<element> items) {
    element made("iq", std::string{xmpp::ns::client});
    made.set("type", type).set("id", id);
    if (!from.empty()) made.set("from", from);
    auto& query = made.add({"query", std::string{xmpp::ns::roster}});
    for (auto& each : items) query.add(std::move(each));
    return made;
}

}  // namespace

TEST_CASE("a roster is asked for at login and known once it has come") {
    peer::roster r(own, "r-");
    CHECK_FALSE(r.next_stanza().has_value());
    r.log_in();
    const auto question = r.next_stanza();
    REQUIRE(question.has_value());
    CHECK(question->attr("type") == "get");
    CHECK_FALSE(r.is_known());
    for (const std::string from : {"", "romeo@montague.example"}) {
        CAPTURE(from);
        peer::roster s(own, "r-");
        s.log_in();
        CHECK(s.receive(iq("result", "r-1", from,
                           {item(juliet, "from"), item("nurse@capulet.example", "both"),
                            item("tybalt@capulet.example", "to"), item("paris@x.example", "none")})));
        CHECK(s.is_known());
        CHECK(s.take_loaded());
        CHECK_FALSE(s.take_loaded());
        CHECK(s.sees_us(juliet));
        CHECK_FALSE(s.is_seen(juliet));
        CHECK(s.sees_us("nurse@capulet.example"));
        CHECK(s.is_seen("nurse@capulet.example"));
        CHECK_FALSE(s.sees_us("tybalt@capulet.example"));
        CHECK(s.is_seen("tybalt@capulet.example"));
        CHECK_FALSE(s.sees_us("paris@x.example"));
        CHECK_FALSE(s.sees_us("mercutio@montague.example"));
    }
}

TEST_CASE("a roster, or a push, from somebody else is not believed") {
    peer::roster r(own, "r-");
    r.log_in();
    (void)r.next_stanza();
    for (const std::string from :
         {"mallory@evil.example/x", "montague.example", "romeo@montague.example/other"}) {
        CHECK_FALSE(r.receive(iq("result", "r-1", from, {item("mallory@evil.example", "both")})));
        CHECK_FALSE(r.receive(iq("set", "p", from, {item("mallory@evil.example", "both")})));
    }
    CHECK_FALSE(r.receive(iq("result", "guess", "", {item("mallory@evil.example", "both")})));
    CHECK_FALSE(r.is_known());
    CHECK_FALSE(r.sees_us("mallory@evil.example"));
    CHECK_FALSE(r.next_stanza().has_value());
}

TEST_CASE("pushes add, change and remove, and are answered") {
    peer::roster r(own, "r-");
    r.log_in();
    (void)r.next_stanza();
    REQUIRE(r.receive(iq("result", "r-1", "", {})));
    CHECK(r.receive(iq("set", "p1", own, {item(juliet, "from")})));
    const auto answer = r.next_stanza();
    REQUIRE(answer.has_value());
    CHECK(answer->attr("type") == "result");
    CHECK(answer->attr("id") == "p1");
    CHECK(r.sees_us(juliet));
    CHECK(r.receive(iq("set", "p2", "", {item(juliet, "to")})));
    CHECK_FALSE(r.sees_us(juliet));
    CHECK(r.receive(iq("set", "p3", "", {item(juliet, "both")})));
    CHECK(r.sees_us(juliet));
    CHECK(r.receive(iq("set", "p4", "", {item(juliet, "remove")})));
    CHECK_FALSE(r.sees_us(juliet));
}

TEST_CASE("a push of two items, or of nothing that is known, lets nobody in") {
    peer::roster r(own, "r-");
    r.log_in();
    REQUIRE(r.receive(iq("result", "r-1", "", {})));
    CHECK(r.receive(iq("set", "p1", "", {item(juliet, "both"), item("a@b.example", "both")})));
    CHECK(r.receive(iq("set", "p2", "", {item(juliet, "friend")})));
    CHECK(r.receive(iq("set", "p3", "", {})));
    CHECK_FALSE(r.sees_us(juliet));
}

TEST_CASE("the next login's roster replaces what was known; an error leaves nobody") {
    peer::roster r(own, "r-");
    r.log_in();
    REQUIRE(r.receive(iq("result", "r-1", "", {item(juliet, "both")})));
    r.offline();
    CHECK(r.sees_us(juliet));
    r.log_in();
    CHECK(r.sees_us(juliet));
    element error("iq", std::string{xmpp::ns::client});
    error.set("type", "error").set("id", "r-2");
    CHECK(r.receive(error));
    CHECK(r.is_known());
    CHECK_FALSE(r.sees_us(juliet));
}
