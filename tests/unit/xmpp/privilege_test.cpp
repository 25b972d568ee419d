// What a server grants (XEP-0356), and what its rosters tell.
#include "xmpp/privilege.hpp"

#include <doctest/doctest.h>

namespace crosstalk::xmpp {
namespace {

element granting(const char* version, const char* access, const char* type, const char* from = "montague.example") {
    element message("message", std::string(ns::client));
    message.set("from", from).set("to", "http.montague.example");
    auto& privileges = message.add(element("privilege", version));
    privileges.add(element("perm", version)).set("access", "message").set("type", "outgoing");
    privileges.add(element("perm", version)).set("access", access).set("type", type);
    return message;
}

element roster_of(const char* jid, const char* subscription) {
    auto result = make_result(ask_for_roster("id", "romeo@montague.example"));
    auto& query = result.add(element("query", std::string(ns::roster)));
    query.add(element("item", std::string(ns::roster))).set("jid", "nurse@capulet.example").set("subscription", "both");
    query.add(element("item", std::string(ns::roster))).set("jid", jid).set("subscription", subscription);
    return result;
}

}  // namespace

TEST_CASE("a server says whether rosters may be read") {
    for (const auto* version : {"urn:xmpp:privilege:1", "urn:xmpp:privilege:2"}) {
        for (const auto* type : {"get", "both"}) {
            const auto said = read_roster_grant(granting(version, "roster", type));
            REQUIRE(said);
            CHECK(said->may_read);
            CHECK(said->domain == "montague.example");
        }
        CHECK_FALSE(read_roster_grant(granting(version, "roster", "set"))->may_read);
        CHECK_FALSE(read_roster_grant(granting(version, "presence", "both"))->may_read);
    }
}

TEST_CASE("a person, a resource or an error grants nothing") {
    for (const auto* from : {"romeo@montague.example", "montague.example/x", ""})
        CHECK_FALSE(read_roster_grant(granting("urn:xmpp:privilege:2", "roster", "get", from)));
    CHECK_FALSE(read_roster_grant(granting("urn:xmpp:privilege:3", "roster", "get")));
    auto error = granting("urn:xmpp:privilege:2", "roster", "get");
    error.set("type", "error");
    CHECK_FALSE(read_roster_grant(error));
}

TEST_CASE("a contact is whom the owner lets see presence") {
    const char* juliet = "juliet@capulet.example";
    for (const auto* state : {"from", "both"}) CHECK(shows_presence_to(roster_of(juliet, state), juliet) == true);
    for (const auto* state : {"to", "none", ""}) CHECK(shows_presence_to(roster_of(juliet, state), juliet) == false);
    CHECK(shows_presence_to(roster_of("capulet.example", "both"), juliet) == false);
}

TEST_CASE("what holds no roster tells nothing") {
    const auto question = ask_for_roster("id", "romeo@montague.example");
    CHECK(question.attr("to") == "romeo@montague.example");
    CHECK_FALSE(shows_presence_to(make_result(question), "juliet@capulet.example"));
    auto error = make_error(question, condition::forbidden);
    error.add(element("query", std::string(ns::roster)));
    CHECK_FALSE(shows_presence_to(error, "juliet@capulet.example"));
}

}  // namespace crosstalk::xmpp
