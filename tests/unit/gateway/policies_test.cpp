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

TEST_CASE("every rule has a word of its own") {
    for (int at = 0; at <= static_cast<int>(policy_key::bandwidth); ++at) {
        const auto key = static_cast<policy_key>(at);
        CHECK(parse_policy_key(to_text(key)) == key);
    }
    CHECK_FALSE(parse_policy_key("nonsense"));
}

}  // namespace crosstalk::gateway
