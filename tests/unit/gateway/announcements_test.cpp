// Messages to the owners, one after the other.
#include "gateway/announcements.hpp"

#include <doctest/doctest.h>

#include <set>

namespace crosstalk::gateway {

TEST_CASE("every owner is told once") {
    announcements told("http.montague.example");
    CHECK(told.add({"Tonight", "We restart.\nAt ten.", false}, {"romeo@montague.example", "juliet@montague.example"}));
    std::set<std::string> owners;
    while (const auto message = told.next()) {
        CHECK(message->attr("from") == "http.montague.example");
        CHECK(message->attr("type") == "headline");
        CHECK(message->child("subject", xmpp::ns::client)->text() == "Tonight");
        CHECK(message->child("body", xmpp::ns::client)->text() == "We restart.\nAt ten.");
        CHECK(owners.emplace(message->attr("to")).second);
    }
    CHECK(owners == std::set<std::string>{"juliet@montague.example", "romeo@montague.example"});
    CHECK_FALSE(told.next());
}

TEST_CASE("what is for the absent may be kept for them, and a subject may be missing") {
    announcements told("http.montague.example");
    CHECK(told.add({"", "text", true}, {"romeo@montague.example"}));
    const auto message = told.next();
    REQUIRE(message);
    CHECK(message->attr("type") == "normal");
    CHECK(message->child("subject", xmpp::ns::client) == nullptr);
}

TEST_CASE("their number is bounded, and nobody needs no message") {
    announcements told("http.montague.example");
    CHECK_FALSE(told.add({"", "text", false}, {}));
    for (std::size_t i = 0; i < announcements::most; ++i) CHECK(told.add({"", "text", false}, {"romeo@montague.example"}));
    CHECK_FALSE(told.add({"", "text", false}, {"romeo@montague.example"}));
    CHECK(told.next());
    CHECK(told.add({"", "text", false}, {"romeo@montague.example"}));
}

}  // namespace crosstalk::gateway
