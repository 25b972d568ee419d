#include "peer/doorkeeper.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using xmpp::element;

namespace {

const std::string asker = "juliet@capulet.example/fetch";

/// Somebody's presence as it comes, asking or not.
element presence(const std::string& from, bool asks = true, const std::string& type = "") {
    element made("presence", std::string{xmpp::ns::client});
    made.set("from", from).set("to", "romeo@montague.example");
    if (!type.empty()) made.set("type", type);
    if (asks) made.add({"crosstalk", std::string{xmpp::ns::crosstalk}});
    return made;
}

/// Romeo's door; `known` is his roster, which lets nobody in.
struct door {
    explicit door(peer::guest_rules rules)
        : guests(std::move(rules), "romeo@montague.example", known),
          keeper(guests, {{"urn:node", "ver", "sha-1"}}) {}

    void load(const std::string& contact = {}) {
        known.log_in();
        element iq("iq", std::string{xmpp::ns::client});
        iq.set("type", "result").set("id", "r-1");
        auto& query = iq.add({"query", std::string{xmpp::ns::roster}});
        query.add({"item", std::string{xmpp::ns::roster}})
            .set("jid", contact)
            .set("subscription", "from");
        CHECK(known.receive(iq));
        keeper.decide_waiting();
    }
    std::vector<element> said() {
        std::vector<element> list;
        while (auto stanza = keeper.next_stanza()) list.push_back(std::move(*stanza));
        return list;
    }

    peer::roster known{"romeo@montague.example", "r-"};
    peer::guest_list guests;
    peer::doorkeeper keeper;
};

const peer::guest_rules anyone{true, false, {}, {}};
const peer::guest_rules nobody{false, false, {}, {}};

}  // namespace

TEST_CASE("who is admitted gets presence with caps, and no question in it") {
    door d(anyone);
    CHECK(d.keeper.receive(presence(asker)));
    const auto list = d.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == asker);
    CHECK(list[0].attr("type").empty());
    CHECK(list[0].child("c", xmpp::ns::caps) != nullptr);
    CHECK(list[0].child("crosstalk", xmpp::ns::crosstalk) == nullptr);
}

TEST_CASE("who is not gets forbidden") {
    door d(nobody);
    CHECK(d.keeper.receive(presence(asker)));
    const auto list = d.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == asker);
    const auto error = xmpp::read_error(list[0]);
    REQUIRE(error.has_value());
    CHECK(error->what == xmpp::condition::forbidden);
    CHECK(error->type == xmpp::error_type::auth);
    CHECK_FALSE(list[0].has_attr("from"));
}

TEST_CASE("presence that does not ask is nobody's business here") {
    door d(anyone);
    for (const std::string type : {"", "subscribe", "probe", "error", "unsubscribed"})
        CHECK_FALSE(d.keeper.receive(presence(asker, false, type)));
    for (const std::string type : {"subscribe", "error", "probe"})
        CHECK_FALSE(d.keeper.receive(presence(asker, true, type)));
    CHECK_FALSE(d.keeper.receive(presence("", true)));
    CHECK(d.said().empty());
}

TEST_CASE("an asker that leaves is let go once, a stranger's leaving is not answered") {
    door d(anyone);
    d.keeper.receive(presence(asker));
    d.keeper.receive(presence(asker));
    CHECK(d.said().size() == 2);
    CHECK(d.keeper.receive(presence(asker, false, "unavailable")));
    const auto list = d.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("type") == "unavailable");
    CHECK_FALSE(d.keeper.receive(presence(asker, false, "unavailable")));
    d.keeper.receive(presence("mallory@evil.example/x", false, "unavailable"));
    CHECK(d.said().empty());
}

TEST_CASE("who asks before the roster is there is answered when it comes") {
    door d({});
    d.keeper.receive(presence(asker));
    d.keeper.receive(presence(asker));
    d.keeper.receive(presence("mallory@evil.example/x"));
    d.keeper.receive(presence("paris@verona.example/x"));
    d.keeper.receive(presence("paris@verona.example/x", false, "unavailable"));
    CHECK(d.said().empty());
    d.load("juliet@capulet.example");
    const auto list = d.said();
    REQUIRE(list.size() == 2);
    CHECK(list[0].attr("to") == asker);
    CHECK(list[0].attr("type").empty());
    CHECK(list[1].attr("type") == "error");
}

TEST_CASE("a flood of askers is bounded") {
    door d(anyone);
    for (int i = 0; i < 5000; ++i) d.keeper.receive(presence("x@evil.example/" + std::to_string(i)));
    CHECK(d.said().size() <= 256);
    door waiting({});
    for (int i = 0; i < 5000; ++i)
        waiting.keeper.receive(presence("x@evil.example/" + std::to_string(i)));
    waiting.load("juliet@capulet.example");
    CHECK(waiting.said().size() <= 64);
}
