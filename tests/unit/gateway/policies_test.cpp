// The operator's rules: whose counts.
#include "gateway/policies.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {

TEST_CASE("a JID's own rule outranks its domain's, and that everybody's") {
    policies rules;
    CHECK_FALSE(rules.find("romeo@montague.example", policy_key::names));
    rules.assign({{"*", policy_key::names, 1},
                  {"montague.example", policy_key::names, 2},
                  {"romeo@montague.example", policy_key::names, 3},
                  {"capulet.example", policy_key::banned, 1},
                  {"nurse@capulet.example", policy_key::banned, 0}});
    CHECK(rules.find("romeo@montague.example", policy_key::names) == 3);
    CHECK(rules.find("benvolio@montague.example", policy_key::names) == 2);
    CHECK(rules.find("tybalt@capulet.example", policy_key::names) == 1);
    CHECK(rules.find("x@sub.montague.example", policy_key::names) == 1);
    CHECK_FALSE(rules.find("romeo@montague.example", policy_key::rate));
    CHECK(rules.is_banned("tybalt@capulet.example"));
    CHECK_FALSE(rules.is_banned("nurse@capulet.example"));
    CHECK_FALSE(rules.is_banned("romeo@montague.example"));
    CHECK(rules.list().size() == 5);
    rules.assign({});
    CHECK(rules.list().empty());
}

TEST_CASE("what the configuration says of somebody holds, and is told apart") {
    policies rules;
    rules.assign({{"*", policy_key::names, 1}, {"montague.example", policy_key::names, 2}});
    rules.fix({{"montague.example", policy_key::names, 3, true}});
    CHECK(rules.find("romeo@montague.example", policy_key::names) == 3);
    CHECK(rules.find("juliet@capulet.example", policy_key::names) == 1);
    CHECK(rules.is_fixed("montague.example", policy_key::names));
    CHECK_FALSE(rules.is_fixed("montague.example", policy_key::rate));
    CHECK_FALSE(rules.is_fixed("*", policy_key::names));
    rules.assign({{"montague.example", policy_key::names, 9}});
    CHECK(rules.find("romeo@montague.example", policy_key::names) == 3);
    CHECK(rules.list() == std::vector<policy>{{"montague.example", policy_key::names, 3, true}});
    rules.fix({});
    CHECK(rules.find("romeo@montague.example", policy_key::names) == 9);
}

TEST_CASE("what all JIDs of a domain share is said of that domain, or of every domain") {
    policies rules;
    rules.assign({{"*", policy_key::domain_rate, 1},
                  {"montague.example", policy_key::domain_rate, 2},
                  {"montague.example", policy_key::rate, 3}});
    CHECK(rules.find("montague.example", policy_key::domain_rate) == 2);
    CHECK(rules.find("capulet.example", policy_key::domain_rate) == 1);
    CHECK(rules.find("sub.montague.example", policy_key::domain_rate) == 1);
    CHECK_FALSE(rules.find("montague.example", policy_key::domain_names));
    for (const auto key : policy_keys) {
        CHECK(may_be_said_of(key, "*"));
        CHECK(may_be_said_of(key, "montague.example"));
        CHECK(may_be_said_of(key, "romeo@montague.example") != to_text(key).starts_with("domain_"));
    }
}

TEST_CASE("every rule has a word of its own") {
    for (const auto key : policy_keys) CHECK(parse_policy_key(to_text(key)) == key);
    CHECK_FALSE(parse_policy_key("nonsense"));
}

TEST_CASE("a switch is 1 or 0, all else a whole number") {
    CHECK(parse_policy_value(policy_key::banned, "1") == 1);
    CHECK(parse_policy_value(policy_key::visits, "0") == 0);
    CHECK(parse_policy_value(policy_key::names, "50") == 50);
    for (const char* text : {"2", "-1", "", "yes", "1 "}) CHECK_FALSE(parse_policy_value(policy_key::registers, text));
    for (const char* text : {"-1", "", "many", "1k", "99999999999999999999"}) CHECK_FALSE(parse_policy_value(policy_key::rate, text));
}

}  // namespace crosstalk::gateway
