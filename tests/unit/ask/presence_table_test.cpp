// Who is online, what they can do, and whom to ask.
#include "ask/presence_table.hpp"

#include <doctest/doctest.h>

#include <map>

namespace crosstalk::ask {
namespace {

using namespace std::chrono_literals;

using verdict = presence_table::verdict;
using presence = presence_table::presence;

verdict everybody(const std::string&) { return verdict::usable; }

void add(presence_table& table, const std::string& full, int priority = 0) {
    auto* r = table.available(full, priority, std::nullopt);
    REQUIRE(r != nullptr);
    table.learned(*r, dialect::crosstalk);
}

std::string chosen(presence_table& table,
                   const std::function<verdict(const std::string&)>& judge = everybody,
                   base::time_point now = {}) {
    const auto c = table.choose("romeo@a", "", now, judge);
    return c.full == nullptr ? "" : *c.full;
}

presence outcome(presence_table& table,
                 const std::function<verdict(const std::string&)>& judge = everybody) {
    return table.choose("romeo@a", "", {}, judge).what;
}

void add_for(presence_table& table, const std::string& full, std::vector<std::string> sites, base::time_point now = {}) {
    add(table, full);
    table.told_sites(*table.find(full), std::move(sites), now);
}

std::string chosen_for(presence_table& table, std::string_view site, base::time_point now = {}) {
    const auto c = table.choose("romeo@a", site, now, everybody);
    return c.full == nullptr ? "" : *c.full;
}

}  // namespace

TEST_CASE("nobody online is offline, somebody unasked is unknown") {
    presence_table table;
    CHECK(outcome(table) == presence::offline);
    auto* r = table.available("romeo@a/x", 0, std::nullopt);
    CHECK(outcome(table) == presence::unknown);
    table.learned(*r, dialect::none);
    CHECK(outcome(table) == presence::offline);
    CHECK(table.unavailable("romeo@a/x"));
    CHECK_FALSE(table.unavailable("romeo@a/x"));
    CHECK(table.size() == 0);
}

TEST_CASE("the highest priority is asked, also where all are negative") {
    presence_table table;
    add(table, "romeo@a/low", -5);
    add(table, "romeo@a/high", -1);
    for (int i = 0; i < 4; ++i) CHECK(chosen(table) == "romeo@a/high");
    table.unavailable("romeo@a/high");
    CHECK(chosen(table) == "romeo@a/low");
    add(table, "romeo@a/low", 3);
    CHECK(table.size() == 1);
}

TEST_CASE("equals are asked in turn") {
    presence_table table;
    add(table, "romeo@a/1");
    add(table, "romeo@a/2");
    add(table, "romeo@a/3");
    std::map<std::string, int> asked;
    for (int i = 0; i < 9; ++i) ++asked[chosen(table)];
    CHECK(asked.size() == 3);
    for (const auto& [full, times] : asked) CHECK(times == 3);
}

TEST_CASE("turns are fair whoever stands between, and to those who come later") {
    presence_table table;
    add(table, "romeo@a/1");
    table.learned(*table.available("romeo@a/phone", 9, std::nullopt), dialect::none);
    add(table, "romeo@a/2");
    add(table, "romeo@a/standby", -1);
    std::map<std::string, int> asked;
    for (int i = 0; i < 12; ++i) ++asked[chosen(table)];
    CHECK(asked == std::map<std::string, int>{{"romeo@a/1", 6}, {"romeo@a/2", 6}});
    add(table, "romeo@a/3");
    asked.clear();
    for (int i = 0; i < 9; ++i) ++asked[chosen(table)];
    CHECK(asked == std::map<std::string, int>{{"romeo@a/1", 3}, {"romeo@a/2", 3}, {"romeo@a/3", 3}});
}

TEST_CASE("who has failed is set aside for a while, and asked all the same where nobody else is") {
    presence_table table;
    const base::time_point now{};
    const auto later = now + presence_table::set_aside_for;
    add(table, "romeo@a/1", 5);
    add(table, "romeo@a/2");
    table.failed("romeo@a/1", now);
    table.heard_from("romeo@a/1");  // an error is heard too
    for (int i = 0; i < 3; ++i) CHECK(chosen(table, everybody, later - 1ms) == "romeo@a/2");
    CHECK(chosen(table, everybody, later) == "romeo@a/1");
    table.failed("romeo@a/1", now);
    table.failed("romeo@a/2", now);
    CHECK(chosen(table) == "romeo@a/1");
    table.unavailable("romeo@a/2");
    CHECK(chosen(table) == "romeo@a/1");
    table.failed("romeo@a/gone", now);
}

TEST_CASE("one that works is better than one that understands more and fails") {
    presence_table table;
    add(table, "romeo@a/new");
    table.learned(*table.available("romeo@a/old", 0, std::nullopt), dialect::xep0332);
    table.failed("romeo@a/new", {});
    CHECK(chosen(table) == "romeo@a/old");
}

TEST_CASE("who does not answer is passed over, who is busy is not offline") {
    presence_table table;
    add(table, "romeo@a/1", 5);
    add(table, "romeo@a/2");
    const auto deaf = [](const std::string& full) {
        return full == "romeo@a/1" ? verdict::unresponsive : verdict::usable;
    };
    for (int i = 0; i < 3; ++i) CHECK(chosen(table, deaf) == "romeo@a/2");
    const auto busy = [](const std::string& full) {
        return full == "romeo@a/1" ? verdict::busy : verdict::unresponsive;
    };
    for (int i = 0; i < 3; ++i) CHECK(outcome(table, busy) == presence::busy);
    const auto silent = [](const std::string&) { return verdict::unresponsive; };
    CHECK(outcome(table, silent) == presence::offline);
}

TEST_CASE("resources of a troubled domain come last, until something is heard from them") {
    presence_table table;
    add(table, "romeo@a/1", 9);
    add(table, "romeo@a/2");
    table.suspect_domain("a");
    CHECK(chosen(table) == "romeo@a/1");
    table.heard_from("romeo@a/2");
    CHECK(chosen(table) == "romeo@a/2");
    table.heard_from("romeo@a/1");
    CHECK(chosen(table) == "romeo@a/1");
    table.suspect_domain("b");
    CHECK_FALSE(table.find("romeo@a/1")->suspect);
}

TEST_CASE("who speaks CrossTalk is not downgraded while online") {
    presence_table table;
    add(table, "romeo@a/1");
    table.learned(*table.find("romeo@a/1"), dialect::none);
    CHECK(chosen(table) == "romeo@a/1");
    table.unavailable("romeo@a/1");
    table.learned(*table.available("romeo@a/1", 0, std::nullopt), dialect::none);
    CHECK(chosen(table).empty());
}

TEST_CASE("a resource is asked in the best way that it announces") {
    const auto spoken = [](std::vector<std::string> features) {
        xmpp::disco_info told;
        told.features = std::move(features);
        return dialect_of(told);
    };
    CHECK(spoken({"urn:xmpp:ping", "urn:xmpp:http", "urn:crosstalk:1"}) == dialect::crosstalk);
    CHECK(spoken({"urn:xmpp:ping", "urn:xmpp:http"}) == dialect::xep0332);
    CHECK(spoken({"urn:xmpp:ping"}) == dialect::chat);
}

TEST_CASE("chat is for programs alone") {
    const auto spoken = [](std::vector<xmpp::identity> identities) {
        xmpp::disco_info told;
        told.identities = std::move(identities);
        return dialect_of(told);
    };
    CHECK(spoken({}) == dialect::chat);
    CHECK(spoken({{"client", "bot", "", ""}}) == dialect::chat);
    CHECK(spoken({{"automation", "soap", "", ""}}) == dialect::chat);
    CHECK(spoken({{"client", "pc", "", ""}}) == dialect::none);
    CHECK(spoken({{"client", "bot", "", ""}, {"client", "phone", "", ""}}) == dialect::none);
    CHECK(spoken({{"account", "registered", "", ""}}) == dialect::none);
}

TEST_CASE("nobody is asked by chat while CrossTalk is spoken beside it, or may be about to") {
    presence_table table;
    table.learned(*table.available("romeo@a/old", 9, std::nullopt), dialect::chat);
    CHECK(chosen(table) == "romeo@a/old");
    auto* r = table.available("romeo@a/new", 0, std::nullopt);
    r->query = "q-1";
    r->asked = 1;
    CHECK(outcome(table) == presence::unknown);
    r->asked = 2;
    CHECK(chosen(table) == "romeo@a/old");
    table.learned(*table.find("romeo@a/new"), dialect::crosstalk);
    CHECK(chosen(table) == "romeo@a/new");
    const auto busy = [](const std::string& full) {
        return full == "romeo@a/new" ? verdict::busy : verdict::usable;
    };
    CHECK(outcome(table, busy) == presence::busy);
    table.unavailable("romeo@a/new");
    CHECK(chosen(table) == "romeo@a/old");
}

TEST_CASE("among an owner's resources those that understand the best way are asked") {
    presence_table table;
    table.learned(*table.available("romeo@a/old", 9, std::nullopt), dialect::xep0332);
    CHECK(chosen(table) == "romeo@a/old");
    add(table, "romeo@a/new");
    for (int i = 0; i < 3; ++i) CHECK(chosen(table) == "romeo@a/new");
    const auto deaf = [](const std::string& full) {
        return full == "romeo@a/new" ? verdict::unresponsive : verdict::usable;
    };
    CHECK(chosen(table, deaf) == "romeo@a/old");
}

TEST_CASE("a resource that changes what it announces is asked anew how it is to be asked") {
    presence_table table;
    auto* r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    table.learned(*r, dialect::xep0332);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    CHECK(r->speaks == dialect::xep0332);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v2", "sha-1"});
    CHECK(r->speaks == dialect::unknown);
    table.learned(*r, dialect::crosstalk);
    CHECK(r->speaks == dialect::crosstalk);
}

TEST_CASE("new caps are a reason to ask again") {
    presence_table table;
    auto* r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    table.learned(*r, dialect::none);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    CHECK(r->speaks == dialect::none);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v2", "sha-1"});
    CHECK(r->speaks == dialect::unknown);
}

TEST_CASE("resources per owner are bounded") {
    presence_table table;
    for (std::size_t i = 0; i < presence_table::most_resources; ++i)
        add(table, "romeo@a/" + std::to_string(i));
    CHECK(table.available("romeo@a/more", 0, std::nullopt) == nullptr);
    CHECK(table.available("romeo@a/0", 1, std::nullopt) != nullptr);
    CHECK(table.available("juliet@a/0", 0, std::nullopt) != nullptr);
    table.remove_owner("romeo@a");
    CHECK(table.size() == 1);
}

TEST_CASE("the caps cache is bounded and keeps algorithms apart") {
    caps_cache cache(2);
    cache.add({"n", "a", "sha-1"}, dialect::crosstalk);
    cache.add({"n", "b", "sha-1"}, dialect::none);
    CHECK(cache.find({"other", "a", "sha-1"}) == dialect::crosstalk);
    CHECK(cache.find({"n", "b", "sha-1"}) == dialect::none);
    CHECK_FALSE(cache.find({"n", "a", "md5"}));
    cache.add({"n", "c", "sha-1"}, dialect::crosstalk);
    CHECK_FALSE(cache.find({"n", "a", "sha-1"}));
    cache.add({"n", "d", "sha-1"}, dialect::crosstalk);
    cache.add({"n", "e", "sha-1"}, dialect::crosstalk);
    CHECK_FALSE(cache.find({"n", "c", "sha-1"}));
    CHECK(cache.find({"n", "d", "sha-1"}) == dialect::crosstalk);
    CHECK(cache.find({"n", "e", "sha-1"}) == dialect::crosstalk);
}

TEST_CASE("a site is asked of those that name it, whoever else may be better") {
    presence_table table;
    add(table, "romeo@a/general", 9);
    CHECK(chosen_for(table, "balcony") == "romeo@a/general");
    add_for(table, "romeo@a/1", {"balcony", "tomb"});
    add_for(table, "romeo@a/2", {"orchard"});
    for (int i = 0; i < 3; ++i) {
        CHECK(chosen_for(table, "balcony") == "romeo@a/1");
        CHECK(chosen_for(table, "tomb") == "romeo@a/1");
        CHECK(chosen_for(table, "orchard") == "romeo@a/2");
        CHECK(chosen_for(table, "attic") == "romeo@a/general");
    }
    table.failed("romeo@a/1", {});
    CHECK(chosen_for(table, "balcony") == "romeo@a/1");
    CHECK(chosen_for(table, "") == "romeo@a/general");
    table.unavailable("romeo@a/general");
    CHECK(chosen_for(table, "attic").empty());
    CHECK(chosen_for(table, "") == "romeo@a/2");
    add_for(table, "romeo@a/3", {"orchard"});
    CHECK(chosen_for(table, "orchard") != chosen_for(table, "orchard"));
}

TEST_CASE("who has yet to name its sites is waited for, not for ever") {
    presence_table table;
    const base::time_point now{};
    add(table, "romeo@a/general");
    add_for(table, "romeo@a/1", {});
    CHECK(table.choose("romeo@a", "balcony", now, everybody).what == presence::unknown);
    CHECK(chosen_for(table, "") != "");
    table.told_sites(*table.find("romeo@a/1"), std::vector<std::string>{}, now + 1s);
    CHECK(chosen_for(table, "balcony", now + presence_table::names_within) == "romeo@a/general");
    table.told_sites(*table.find("romeo@a/1"), std::vector<std::string>{"balcony"}, now);
    CHECK(chosen_for(table, "balcony") == "romeo@a/1");
    CHECK(chosen_for(table, "orchard") == "romeo@a/general");
}

TEST_CASE("an empty list takes nothing back, presence without one does") {
    presence_table table;
    add_for(table, "romeo@a/1", {"balcony"});
    table.told_sites(*table.find("romeo@a/1"), std::vector<std::string>{}, {});
    CHECK(chosen_for(table, "balcony") == "romeo@a/1");
    CHECK(chosen_for(table, "orchard").empty());
    table.told_sites(*table.find("romeo@a/1"), std::nullopt, {});
    CHECK(chosen_for(table, "orchard") == "romeo@a/1");
}

TEST_CASE("while a program of another site is there nobody is asked by chat") {
    presence_table table;
    add_for(table, "romeo@a/1", {"balcony"});
    table.learned(*table.available("romeo@a/old", 0, std::nullopt), dialect::chat);
    CHECK(chosen_for(table, "balcony") == "romeo@a/1");
    CHECK(chosen_for(table, "orchard").empty());
    table.unavailable("romeo@a/1");
    CHECK(chosen_for(table, "orchard") == "romeo@a/old");
}

TEST_CASE("all resources of somebody name so many sites together, and no more") {
    presence_table table;
    const auto named_by = [&](const std::string& full, char letter) {
        std::vector<std::string> names;
        for (int i = 0; i < 64; ++i) names.push_back(letter + std::to_string(i));
        add_for(table, full, names);
        return table.find(full)->serves->size();
    };
    for (char letter = 'a'; letter < 'e'; ++letter) CHECK(named_by(std::string("romeo@a/") + letter, letter) == 64);
    CHECK(named_by("romeo@a/e", 'e') == 0);
    CHECK(named_by("romeo@a/d", 'f') == 64);
    CHECK(chosen_for(table, "f63") == "romeo@a/d");
    CHECK(named_by("juliet@a/e", 'e') == 64);
}

}  // namespace crosstalk::ask
