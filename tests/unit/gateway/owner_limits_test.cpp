// What the operator's rules leave to the sites of one owner.
#include "gateway/owner_limits.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
const std::string romeo = "romeo@montague.example", benvolio = "benvolio@montague.example", juliet = "juliet@capulet.example";
const base::time_point start{1000s};

/// How many come in one go.
int let_through(owner_limits& limits, const std::string& owner, base::time_point now) {
    int taken = 0;
    while (limits.take(owner, now)) ++taken;
    return taken;
}

}  // namespace

TEST_CASE("of whom nothing is said has no limit") {
    policies rules;
    owner_limits limits(rules);
    std::vector<owner_limits::places> held;
    for (int i = 0; i < 1000; ++i) {
        auto place = limits.take(romeo, start);
        REQUIRE(place);
        held.push_back(*std::move(place));
    }
    CHECK_FALSE(limits.has_bandwidth(romeo));
    CHECK(limits.move(romeo, 1'000'000, start) == start);
    CHECK(limits.remembered() == 0);
}

TEST_CASE("requests at once") {
    policies rules;
    rules.assign({{"montague.example", policy_key::transactions, 2}});
    owner_limits limits(rules);
    auto first = limits.take(romeo, start);
    const auto second = limits.take(romeo, start);
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(limits.take(romeo, start));
    CHECK(limits.take(benvolio, start));
    CHECK(limits.take(juliet, start));
    first.reset();
    CHECK(limits.take(romeo, start));
    rules.assign({{romeo, policy_key::transactions, 0}});
    CHECK_FALSE(limits.take(romeo, start));
}

TEST_CASE("requests a second, and those of ten seconds in one go") {
    policies rules;
    rules.assign({{romeo, policy_key::rate, 3}});
    owner_limits limits(rules);
    CHECK(let_through(limits, romeo, start) == 30);
    CHECK_FALSE(limits.take(romeo, start + 300ms));
    CHECK(limits.take(romeo, start + 400ms));
    CHECK_FALSE(limits.take(romeo, start + 400ms));
    CHECK(limits.take(juliet, start));
    rules.assign({{romeo, policy_key::rate, 0}});
    CHECK_FALSE(limits.take(romeo, start + 100s));
}

TEST_CASE("bytes a second, over all requests of an owner") {
    policies rules;
    rules.assign({{romeo, policy_key::bandwidth, 100'000}});
    owner_limits limits(rules);
    CHECK(limits.has_bandwidth(romeo));
    CHECK_FALSE(limits.has_bandwidth(juliet));
    CHECK(limits.move(romeo, 20'000, start) <= start);
    CHECK(limits.move(romeo, 5'000, start) == start);
    CHECK(limits.move(romeo, 100'000, start) == start + 1s);
    CHECK(limits.move(romeo, 100'000, start + 500ms) == start + 2s);
    CHECK(limits.move(juliet, 100'000, start) == start);
    CHECK(limits.move(romeo, 25'000, start + 60s) == start + 60s);
}

TEST_CASE("who was slowed down once is forgotten") {
    policies rules;
    rules.assign({{"*", policy_key::bandwidth, 100'000}});
    owner_limits limits(rules);
    for (int i = 0; i < 20'000; ++i)
        (void)limits.move(std::to_string(i) + "@crowd.example", 100, start + std::chrono::seconds(i));
    CHECK(limits.remembered() <= 4097);
}

TEST_CASE("requests at once of a whole domain") {
    policies rules;
    rules.assign({{"montague.example", policy_key::domain_transactions, 3}, {romeo, policy_key::transactions, 2}});
    owner_limits limits(rules);
    auto first = limits.take(romeo, start);
    const auto second = limits.take(romeo, start);
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(limits.take(romeo, start));
    const auto third = limits.take(benvolio, start);
    REQUIRE(third);
    CHECK_FALSE(limits.take(benvolio, start));
    CHECK(limits.take(juliet, start));
    first.reset();
    CHECK(limits.take(benvolio, start));
    rules.assign({{"montague.example", policy_key::domain_transactions, 0}});
    CHECK_FALSE(limits.take(romeo, start));
}

TEST_CASE("what is said of every domain holds for each by itself") {
    policies rules;
    rules.assign({{"*", policy_key::domain_transactions, 1}});
    owner_limits limits(rules);
    const auto first = limits.take(romeo, start);
    REQUIRE(first);
    CHECK_FALSE(limits.take(benvolio, start));
    const auto other = limits.take(juliet, start);
    CHECK(other);
    CHECK_FALSE(limits.take("nurse@capulet.example", start));
}

TEST_CASE("requests a second of a whole domain") {
    policies rules;
    rules.assign({{"montague.example", policy_key::domain_rate, 3}});
    owner_limits limits(rules);
    CHECK(limits.take(romeo, start));
    CHECK(let_through(limits, benvolio, start) == 29);
    CHECK_FALSE(limits.take(romeo, start));
    CHECK(limits.take(juliet, start));
    rules.assign({{"montague.example", policy_key::domain_rate, 0}, {romeo, policy_key::rate, 100}});
    CHECK_FALSE(limits.take(romeo, start + 100s));
}

TEST_CASE("what the JID's limit refuses costs the domain nothing, nor the other way round") {
    policies rules;
    rules.assign({{"montague.example", policy_key::domain_rate, 3}, {romeo, policy_key::rate, 1}});
    owner_limits limits(rules);
    CHECK(let_through(limits, romeo, start) == 10);
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(limits.take(romeo, start));
    CHECK(let_through(limits, benvolio, start) == 20);
    CHECK_FALSE(limits.take(romeo, start + 1s - 100ms));
    CHECK(let_through(limits, benvolio, start + 1s) == 3);
    for (int i = 0; i < 1000; ++i) CHECK_FALSE(limits.take(romeo, start + 1s));
    rules.assign({{romeo, policy_key::rate, 1}});
    CHECK(let_through(limits, romeo, start + 1s) == 1);
}

TEST_CASE("bytes a second of a whole domain") {
    policies rules;
    rules.assign({{"montague.example", policy_key::domain_bandwidth, 100'000}, {benvolio, policy_key::bandwidth, 50'000}});
    owner_limits limits(rules);
    CHECK(limits.has_bandwidth(romeo));
    CHECK(limits.has_bandwidth(benvolio));
    CHECK_FALSE(limits.has_bandwidth(juliet));
    CHECK(limits.move(romeo, 25'000, start) == start);
    CHECK(limits.move(romeo, 100'000, start) == start + 1s);
    CHECK(limits.move(benvolio, 25'000, start) == start + 1s + 250ms);
    CHECK(limits.move(benvolio, 100'000, start) == start + 2s + 250ms);
    CHECK(limits.move(romeo, 25'000, start) == start + 2s + 500ms);
    CHECK(limits.move(benvolio, 50'000, start + 60s) == start + 60s + 750ms);
    CHECK(limits.move(juliet, 100'000, start) == start);
}

TEST_CASE("domains that were slowed down once are forgotten too") {
    policies rules;
    rules.assign({{"*", policy_key::bandwidth, 100'000}, {"*", policy_key::domain_bandwidth, 100'000}});
    owner_limits limits(rules);
    for (int i = 0; i < 20'000; ++i)
        (void)limits.move("romeo@" + std::to_string(i) + ".example", 100, start + std::chrono::seconds(i));
    CHECK(limits.remembered() <= 4098);
}

}  // namespace crosstalk::gateway
