// Who is online, what they can do, and whom to ask.
#include "ask/presence_table.hpp"

#include <doctest/doctest.h>

#include <map>

namespace crosstalk::ask {
namespace {

using verdict = presence_table::verdict;
using presence = presence_table::presence;

verdict everybody(const std::string&) { return verdict::usable; }

void add(presence_table& table, const std::string& full, int priority = 0) {
    auto* r = table.available(full, priority, std::nullopt);
    REQUIRE(r != nullptr);
    table.learned(*r, true);
}

std::string chosen(presence_table& table,
                   const std::function<verdict(const std::string&)>& judge = everybody) {
    const auto c = table.choose("romeo@a", judge);
    return c.full == nullptr ? "" : *c.full;
}

}  // namespace

TEST_CASE("nobody online is offline, somebody unasked is unknown") {
    presence_table table;
    CHECK(table.choose("romeo@a", everybody).what == presence::offline);
    auto* r = table.available("romeo@a/x", 0, std::nullopt);
    CHECK(table.choose("romeo@a", everybody).what == presence::unknown);
    table.learned(*r, false);
    CHECK(table.choose("romeo@a", everybody).what == presence::offline);
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
    for (int i = 0; i < 3; ++i) CHECK(table.choose("romeo@a", busy).what == presence::busy);
    const auto silent = [](const std::string&) { return verdict::unresponsive; };
    CHECK(table.choose("romeo@a", silent).what == presence::offline);
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
    table.learned(*table.find("romeo@a/1"), false);
    CHECK(chosen(table) == "romeo@a/1");
    table.unavailable("romeo@a/1");
    table.learned(*table.available("romeo@a/1", 0, std::nullopt), false);
    CHECK(chosen(table).empty());
}

TEST_CASE("new caps are a reason to ask again") {
    presence_table table;
    auto* r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    table.learned(*r, false);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v1", "sha-1"});
    CHECK(r->crosstalk == support::no);
    r = table.available("romeo@a/1", 0, xmpp::caps{"n", "v2", "sha-1"});
    CHECK(r->crosstalk == support::unknown);
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
    cache.add({"n", "a", "sha-1"}, true);
    cache.add({"n", "b", "sha-1"}, false);
    CHECK(cache.find({"other", "a", "sha-1"}) == true);
    CHECK(cache.find({"n", "b", "sha-1"}) == false);
    CHECK_FALSE(cache.find({"n", "a", "md5"}));
    cache.add({"n", "c", "sha-1"}, true);
    CHECK_FALSE(cache.find({"n", "a", "sha-1"}));
    cache.add({"n", "d", "sha-1"}, true);
    cache.add({"n", "e", "sha-1"}, true);
    CHECK_FALSE(cache.find({"n", "c", "sha-1"}));
    CHECK(cache.find({"n", "d", "sha-1"}) == true);
    CHECK(cache.find({"n", "e", "sha-1"}) == true);
}

}  // namespace crosstalk::ask
