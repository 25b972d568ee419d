// Names that people bind by themselves, over a real registry.
#include "gateway/registrar.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "scratch_file.hpp"

namespace crosstalk::gateway {
namespace {

const std::string romeo = "romeo@montague.example", juliet = "juliet@capulet.example";
using names = std::vector<std::string>;
using xmpp::condition;

struct office {
    office() : book(registry::open(file.path()).value(), "sites.db") { allow({.who = {"montague.example", juliet}}); }
    void allow(registration_rules rules) { book.configure({{"fixed", juliet}}, std::move(rules)); }
    condition refused(const std::string& owner, std::string_view name) {
        const auto why = book.claim(owner, name);
        return why ? why->what : condition::undefined_condition;
    }

    test::scratch_file file;
    registrar book;
};

}  // namespace

TEST_CASE("a name is claimed, found, and given back") {
    office o;
    CHECK_FALSE(o.book.claim(romeo, "Balcony"));
    REQUIRE(o.book.sites().find("balcony") != nullptr);
    CHECK(o.book.sites().find("balcony")->owner == romeo);
    CHECK_FALSE(o.book.claim(romeo, "balcony"));
    CHECK(o.book.names_of(romeo) == names{"balcony"});
    CHECK(o.refused(juliet, "balcony") == condition::conflict);
    const auto before = o.book.revision();
    CHECK(o.book.release_all(juliet)->what == condition::registration_required);
    CHECK(o.book.revision() == before);
    CHECK_FALSE(o.book.release_all(romeo));
    CHECK(o.book.revision() != before);
    CHECK(o.book.sites().find("balcony") == nullptr);
    CHECK(o.refused(juliet, "balcony") == condition::undefined_condition);
}

TEST_CASE("what the operator fixed is neither taken nor given back") {
    office o;
    CHECK(o.refused(romeo, "fixed") == condition::conflict);
    CHECK_FALSE(o.book.claim(juliet, "fixed"));
    CHECK(o.book.names_of(juliet).empty());
    CHECK(o.book.release_all(juliet)->what == condition::registration_required);
    CHECK(o.book.sites().find("fixed") != nullptr);
}

TEST_CASE("who may bind names, and how many") {
    office o;
    CHECK(o.book.is_open());
    CHECK(o.refused("tybalt@capulet.example", "sword") == condition::not_allowed);
    CHECK(o.refused("romeo@evil.montague.example", "sword") == condition::not_allowed);
    o.allow({.is_for_anybody = true, .names_per_owner = 2});
    CHECK_FALSE(o.book.claim("tybalt@capulet.example", "one"));
    CHECK_FALSE(o.book.claim("tybalt@capulet.example", "two"));
    CHECK(o.refused("tybalt@capulet.example", "three") == condition::not_allowed);
    CHECK_FALSE(o.book.release_all("tybalt@capulet.example"));
    CHECK_FALSE(o.book.claim("tybalt@capulet.example", "three"));
    o.allow({});
    CHECK_FALSE(o.book.is_open());
    CHECK(o.refused(romeo, "sword") == condition::service_unavailable);
    CHECK_FALSE(o.book.release_all("tybalt@capulet.example"));
}

TEST_CASE("names that nobody gets") {
    office o;
    o.allow({.is_for_anybody = true, .reserved = {"verona"}});
    for (const auto* name : {"www", "admin", "verona", "xn--80ak6aa92e", "ab--cd", "", "-a", "a-", "a_b", "a.b", "\xc3\xb6"})
        CHECK(o.refused(romeo, name) == condition::not_acceptable);
    CHECK(o.refused(romeo, std::string(64, 'a')) == condition::not_acceptable);
    CHECK(o.refused(romeo, std::string(100'000, 'a')) == condition::not_acceptable);
    CHECK_FALSE(o.book.claim(romeo, std::string(63, 'a')));
    CHECK_FALSE(o.book.claim(romeo, "a-b--c"));
}

TEST_CASE("what others change in the registry is seen, and never taken over") {
    office o;
    auto others = registry::open(o.file.path()).value();
    REQUIRE(others.add({"balcony", juliet}));
    CHECK(o.refused(romeo, "balcony") == condition::conflict);
    REQUIRE(others.remove("balcony"));
    REQUIRE(others.add({"garden", romeo}));
    CHECK(o.book.look());
    CHECK_FALSE(o.book.look());
    CHECK(o.book.names_of(romeo) == names{"garden"});
    REQUIRE(others.remove("garden"));
    REQUIRE(others.add({"garden", juliet}));
    CHECK(o.book.release_all(romeo)->what == condition::registration_required);
    CHECK(others.find("garden").value()->owner == juliet);
}

TEST_CASE("without a registry nothing can be kept") {
    registrar none(std::nullopt, "");
    none.configure({{"fixed", juliet}}, {.is_for_anybody = true});
    CHECK_FALSE(none.is_open());
    CHECK_FALSE(none.look());
    CHECK(none.claim(romeo, "balcony")->what == condition::service_unavailable);
    CHECK(none.sites().find("fixed") != nullptr);
}

}  // namespace crosstalk::gateway
