#include "peer/guest_list.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using enum peer::guest_list::verdict;

namespace {

const std::string own = "romeo@montague.example";

peer::roster roster_of(std::vector<std::pair<std::string, std::string>> contacts) {
    peer::roster made(own, "r-");
    made.log_in();
    xmpp::element iq("iq", std::string{xmpp::ns::client});
    iq.set("type", "result").set("id", "r-1");
    auto& query = iq.add({"query", std::string{xmpp::ns::roster}});
    for (const auto& [jid, subscription] : contacts) {
        query.add({"item", std::string{xmpp::ns::roster}})
            .set("jid", jid)
            .set("subscription", subscription);
    }
    CHECK(made.receive(iq));
    return made;
}

}  // namespace

TEST_CASE("by default the contacts that see the owner's presence are let in, and the owner") {
    const auto known = roster_of({{"juliet@capulet.example", "from"},
                                  {"nurse@capulet.example", "both"},
                                  {"tybalt@capulet.example", "to"},
                                  {"paris@verona.example", "none"}});
    const peer::guest_list guests({}, own, known);
    CHECK(guests.judge("juliet@capulet.example/phone") == admitted);
    CHECK(guests.judge("nurse@capulet.example/x") == admitted);
    CHECK(guests.judge("tybalt@capulet.example/x") == refused);
    CHECK(guests.judge("paris@verona.example/x") == refused);
    CHECK(guests.judge("mallory@evil.example/juliet@capulet.example") == refused);
    CHECK(guests.judge("romeo@montague.example/other") == admitted);
    CHECK(guests.judge("romeo@montague.example.evil.example/x") == refused);
}

TEST_CASE("a gateway of former days in the roster is no contact") {
    const auto known = roster_of({{"http.example.org", "both"}});
    const peer::guest_list guests({}, own, known);
    CHECK(guests.judge("http.example.org") == refused);
    CHECK(guests.judge("node@http.example.org/x") == refused);
}

TEST_CASE("until the roster is there nothing is known of contacts") {
    const peer::roster unknown_yet(own, "r-");
    const peer::guest_list guests({}, own, unknown_yet);
    CHECK(guests.judge("juliet@capulet.example/x") == unknown);
    CHECK(guests.judge("romeo@montague.example/other") == admitted);
    const peer::guest_list without({false, false, {"a@b.example"}, {}}, own, unknown_yet);
    CHECK(without.judge("juliet@capulet.example/x") == refused);
    CHECK(without.judge("a@b.example/x") == admitted);
}

TEST_CASE("accounts, domains and anyone") {
    const auto known = roster_of({{"nurse@capulet.example", "both"}});
    const peer::guest_list some({false, false, {"juliet@capulet.example"}, {"verona.example"}}, own,
                                known);
    CHECK(some.judge("juliet@capulet.example/x") == admitted);
    CHECK(some.judge("nurse@capulet.example/x") == refused);
    CHECK(some.judge("paris@verona.example/x") == admitted);
    CHECK(some.judge("verona.example") == admitted);
    CHECK(some.judge("x@sub.verona.example/x") == refused);
    const peer::guest_list all({true, false, {}, {}}, own, known);
    CHECK(all.judge("mallory@evil.example/x") == admitted);
}
