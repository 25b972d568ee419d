// Names that people bind by themselves, over a real registry.
#include "gateway/registrar.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "../net/loop.hpp"
#include "scratch_registry.hpp"

namespace crosstalk::gateway {
namespace {

const std::string romeo = "romeo@montague.example", juliet = "juliet@capulet.example";
using names = std::vector<std::string>;
using xmpp::condition;

struct office {
    office() : book(io.get_executor(), registry::open(file.url()).value(), "sites.db") {
        allow({.who = {"montague.example", juliet}});
    }
    void allow(registration_rules rules) { book.configure({{"fixed", juliet, true}}, std::move(rules)); }
    template <class T>
    T wait(net::awaitable<T> for_it) { return net::test::run(io, std::move(for_it)); }
    registrar::refusal claim(const std::string& owner, std::string_view name, std::optional<visibility> seen_by = {}) {
        return wait(book.claim(owner, std::string(name), seen_by));
    }
    registrar::refusal release_all(const std::string& owner) { return wait(book.release_all(owner)); }
    registrar::refusal change(const std::string& owner, const std::string& name, site_change wanted) {
        return wait(book.change(owner, name, std::move(wanted)));
    }
    condition refused(const std::string& owner, std::string_view name) {
        const auto why = claim(owner, name);
        return why ? why->what : condition::undefined_condition;
    }

    test::scratch_registry file;
    net::asio::io_context io;
    registrar book;
};

}  // namespace

TEST_CASE("a name is claimed, found, and given back") {
    office o;
    CHECK_FALSE(o.claim(romeo, "Balcony"));
    REQUIRE(o.book.sites().find("balcony") != nullptr);
    CHECK(o.book.sites().find("balcony")->owner == romeo);
    CHECK_FALSE(o.claim(romeo, "balcony"));
    CHECK(o.book.names_of(romeo) == names{"balcony"});
    CHECK(o.refused(juliet, "balcony") == condition::conflict);
    const auto before = o.book.revision();
    CHECK(o.release_all(juliet)->what == condition::registration_required);
    CHECK(o.book.revision() == before);
    CHECK_FALSE(o.release_all(romeo));
    CHECK(o.book.revision() != before);
    CHECK(o.book.sites().find("balcony") == nullptr);
    CHECK(o.refused(juliet, "balcony") == condition::undefined_condition);
}

TEST_CASE("what the operator fixed is neither taken nor given back") {
    office o;
    CHECK(o.refused(romeo, "fixed") == condition::conflict);
    CHECK_FALSE(o.claim(juliet, "fixed"));
    CHECK(o.book.names_of(juliet).empty());
    CHECK(o.release_all(juliet)->what == condition::registration_required);
    CHECK(o.book.sites().find("fixed") != nullptr);
}

TEST_CASE("who may bind names, and how many") {
    office o;
    CHECK(o.book.is_open());
    CHECK(o.refused("tybalt@capulet.example", "sword") == condition::not_allowed);
    CHECK(o.refused("romeo@evil.montague.example", "sword") == condition::not_allowed);
    o.allow({.is_for_anybody = true, .names_per_owner = 2});
    CHECK_FALSE(o.claim("tybalt@capulet.example", "one"));
    CHECK_FALSE(o.claim("tybalt@capulet.example", "two"));
    CHECK(o.refused("tybalt@capulet.example", "three") == condition::not_allowed);
    CHECK_FALSE(o.release_all("tybalt@capulet.example"));
    CHECK_FALSE(o.claim("tybalt@capulet.example", "three"));
    o.allow({});
    CHECK_FALSE(o.book.is_open());
    CHECK(o.refused(romeo, "sword") == condition::service_unavailable);
    CHECK_FALSE(o.release_all("tybalt@capulet.example"));
}

TEST_CASE("names that nobody gets") {
    office o;
    o.allow({.is_for_anybody = true, .reserved = {"verona"}});
    for (const auto* name : {"www", "admin", "verona", "xn--80ak6aa92e", "ab--cd", "", "-a", "a-", "a_b", "a.b", "\xc3\xb6"})
        CHECK(o.refused(romeo, name) == condition::not_acceptable);
    CHECK(o.refused(romeo, std::string(64, 'a')) == condition::not_acceptable);
    CHECK(o.refused(romeo, std::string(100'000, 'a')) == condition::not_acceptable);
    CHECK_FALSE(o.claim(romeo, std::string(63, 'a')));
    CHECK_FALSE(o.claim(romeo, "a-b--c"));
}

TEST_CASE("what others change in the registry is seen, and never taken over") {
    office o;
    auto others = registry::open(o.file.url()).value();
    REQUIRE(others.add({"balcony", juliet}));
    CHECK(o.refused(romeo, "balcony") == condition::conflict);
    REQUIRE(others.remove("balcony"));
    REQUIRE(others.add({"garden", romeo}));
    CHECK(o.wait(o.book.look()));
    CHECK_FALSE(o.wait(o.book.look()));
    CHECK(o.book.names_of(romeo) == names{"garden"});
    REQUIRE(others.remove("garden"));
    REQUIRE(others.add({"garden", juliet}));
    CHECK(o.release_all(romeo)->what == condition::registration_required);
    CHECK(others.find("garden").value()->owner == juliet);
}

TEST_CASE("without a registry nothing can be kept") {
    net::asio::io_context io;
    registrar none(io.get_executor(), std::nullopt, "");
    none.configure({{"fixed", juliet, true}}, {.is_for_anybody = true});
    CHECK_FALSE(none.is_open());
    CHECK_FALSE(net::test::run(io, none.look()));
    CHECK(net::test::run(io, none.claim(romeo, "balcony"))->what == condition::service_unavailable);
    CHECK(net::test::run(io, none.give(romeo, "balcony"))->what == condition::service_unavailable);
    CHECK(net::test::run(io, none.change(juliet, "fixed", {}))->what == condition::not_allowed);
    CHECK(none.sites().find("fixed") != nullptr);
    const auto secret = net::test::run(io, none.secret("cookie"));
    REQUIRE(secret);
    CHECK(secret->size() > 40);
    CHECK(net::test::run(io, none.secret("cookie")) == secret);
}

TEST_CASE("who sees a site, and its guests, are its owner's to change") {
    office o;
    CHECK_FALSE(o.claim(romeo, "balcony", visibility::roster));
    CHECK(o.book.sites().find("balcony")->seen_by == visibility::roster);
    CHECK_FALSE(o.claim(romeo, "balcony"));
    CHECK(o.book.sites().find("balcony")->seen_by == visibility::roster);
    CHECK_FALSE(o.claim(romeo, "balcony", visibility::listed));
    CHECK(o.book.sites().find("balcony")->seen_by == visibility::listed);
    CHECK_FALSE(o.change(romeo, "balcony", {.guests = names{"nurse@capulet.example", "abbey.example", "abbey.example"}}));
    CHECK(o.book.sites().find("balcony")->guests == names{"abbey.example", "nurse@capulet.example"});
    CHECK_FALSE(o.change(romeo, "balcony", {.invited = {juliet}, .dismissed = {"abbey.example"}}));
    const auto* balcony = o.book.sites().find("balcony");
    CHECK(balcony->guests == names{juliet, "nurse@capulet.example"});
    CHECK(is_invited(*balcony, juliet));
    CHECK(is_invited(*balcony, romeo));
    CHECK_FALSE(is_invited(*balcony, "tybalt@capulet.example"));
    CHECK(o.change(juliet, "balcony", {.invited = {juliet}})->what == condition::item_not_found);
    CHECK(o.change(juliet, "fixed", {.invited = {romeo}})->what == condition::not_allowed);
    names crowd;
    for (std::size_t i = 0; i <= registrar::most_guests; ++i) crowd.push_back(std::to_string(i) + "@crowd.example");
    CHECK(o.change(romeo, "balcony", {.guests = crowd})->what == condition::not_acceptable);
    CHECK(o.book.sites().find("balcony")->guests.size() == 2);
}

TEST_CASE("one name is given back, and the others stay") {
    office o;
    CHECK_FALSE(o.claim(romeo, "one"));
    CHECK_FALSE(o.claim(romeo, "two"));
    CHECK(o.wait(o.book.release(juliet, "one"))->what == condition::item_not_found);
    CHECK_FALSE(o.wait(o.book.release(romeo, "one")));
    CHECK(o.book.names_of(romeo) == names{"two"});
    CHECK(o.wait(o.book.release(romeo, "one"))->what == condition::item_not_found);
}

TEST_CASE("a host of its own goes to whoever proves it last") {
    office o;
    CHECK_FALSE(o.claim(romeo, "balcony"));
    CHECK_FALSE(o.claim(juliet, "garden"));
    CHECK_FALSE(o.wait(o.book.add_host(romeo, "balcony", "www.example.net")));
    CHECK_FALSE(o.wait(o.book.add_host(romeo, "balcony", "www.example.net")));
    CHECK(o.book.sites().find_host("www.example.net")->name == "balcony");
    CHECK(o.wait(o.book.add_host(romeo, "garden", "example.net"))->what == condition::item_not_found);
    CHECK_FALSE(o.wait(o.book.add_host(juliet, "garden", "www.example.net")));
    CHECK(o.book.sites().find_host("www.example.net")->name == "garden");
    CHECK(o.book.sites().find("balcony")->hosts.empty());
    CHECK(o.wait(o.book.remove_host(romeo, "www.example.net"))->what == condition::item_not_found);
    CHECK_FALSE(o.wait(o.book.remove_host(juliet, "www.example.net")));
    CHECK(o.book.sites().find_host("www.example.net") == nullptr);
    for (std::size_t i = 0; i < registrar::most_hosts; ++i)
        CHECK_FALSE(o.wait(o.book.add_host(romeo, "balcony", std::to_string(i) + ".example.net")));
    CHECK(o.wait(o.book.add_host(romeo, "balcony", "more.example.net"))->what == condition::not_allowed);
    CHECK_FALSE(o.wait(o.book.release(romeo, "balcony")));
    CHECK(o.book.sites().find_host("1.example.net") == nullptr);
}

TEST_CASE("two changes at once are made one after the other") {
    office o;
    o.allow({.is_for_anybody = true, .names_per_owner = 1});
    std::vector<registrar::refusal> told;
    for (const auto* name : {"one", "two", "three"})
        net::asio::co_spawn(o.io, o.book.claim(romeo, name),
                            [&told](const std::exception_ptr&, registrar::refusal why) { told.push_back(std::move(why)); });
    while (told.size() < 3 && o.io.run_one() > 0) continue;
    CHECK(std::ranges::count_if(told, [](const auto& why) { return !why; }) == 1);
    CHECK(o.book.names_of(romeo).size() == 1);
}

TEST_CASE("the operator gives, takes, suspends and rules") {
    office o;
    CHECK_FALSE(o.wait(o.book.give(juliet, "www")));
    CHECK(o.wait(o.book.give(romeo, "www"))->what == condition::conflict);
    CHECK(o.wait(o.book.give(romeo, "-"))->what == condition::not_acceptable);
    CHECK_FALSE(o.change("", "www", {.suspended = true}));
    CHECK(o.book.sites().find("www")->suspended);
    CHECK_FALSE(o.change(juliet, "www", {.seen_by = visibility::listed}));
    CHECK(o.book.sites().find("www")->suspended);
    CHECK_FALSE(o.wait(o.book.take("www")));
    CHECK(o.wait(o.book.take("www"))->what == condition::item_not_found);
    CHECK(o.wait(o.book.take("fixed"))->what == condition::not_allowed);

    CHECK_FALSE(o.wait(o.book.rule("montague.example", policy_key::banned, 1)));
    CHECK(o.refused(romeo, "balcony") == condition::not_allowed);
    CHECK_FALSE(o.wait(o.book.rule(romeo, policy_key::banned, 0)));
    CHECK(o.refused(romeo, "balcony") == condition::undefined_condition);
    CHECK_FALSE(o.wait(o.book.rule(romeo, policy_key::names, 1)));
    CHECK(o.refused(romeo, "garden") == condition::not_allowed);
    CHECK_FALSE(o.wait(o.book.rule(romeo, policy_key::names, std::nullopt)));
    CHECK(o.refused(romeo, "garden") == condition::undefined_condition);
    CHECK(o.refused("tybalt@capulet.example", "sword") == condition::not_allowed);
    CHECK_FALSE(o.wait(o.book.rule("capulet.example", policy_key::registers, 1)));
    CHECK(o.refused("tybalt@capulet.example", "sword") == condition::undefined_condition);
    CHECK_FALSE(o.wait(o.book.rule("*", policy_key::registers, 0)));
    CHECK(o.refused(romeo, "sea") == condition::not_allowed);
}

TEST_CASE("the people of one domain have so many names together") {
    office o;
    const std::string benvolio = "benvolio@montague.example";
    o.book.configure({{"fixed", romeo, true}}, {.is_for_anybody = true});
    CHECK_FALSE(o.wait(o.book.rule("montague.example", policy_key::domain_names, 2)));
    CHECK_FALSE(o.claim(romeo, "balcony"));
    CHECK_FALSE(o.claim(benvolio, "square"));
    const auto why = o.claim(romeo, "garden");
    REQUIRE(why);
    CHECK(why->what == condition::not_allowed);
    CHECK(why->text.find("domain") != std::string::npos);
    CHECK_FALSE(o.claim(romeo, "balcony"));
    CHECK_FALSE(o.claim(juliet, "garden"));
    CHECK_FALSE(o.release_all(benvolio));
    CHECK_FALSE(o.claim(romeo, "sea"));
    CHECK(o.refused(benvolio, "square") == condition::not_allowed);
    CHECK_FALSE(o.wait(o.book.give(benvolio, "square")));
    CHECK_FALSE(o.wait(o.book.rule("*", policy_key::domain_names, 3)));
    CHECK_FALSE(o.wait(o.book.rule("montague.example", policy_key::domain_names, std::nullopt)));
    CHECK(o.refused(benvolio, "tomb") == condition::not_allowed);
    CHECK_FALSE(o.claim(juliet, "tomb"));
    CHECK_FALSE(o.wait(o.book.rule(romeo, policy_key::names, 1)));
    CHECK_FALSE(o.wait(o.book.rule("*", policy_key::domain_names, 9)));
    CHECK(o.claim(romeo, "sword")->text.find("domain") == std::string::npos);
}

TEST_CASE("there is no secret while the registry cannot be read: nothing is signed that would not hold") {
    office o;
    o.file.run("ALTER TABLE secret RENAME TO lost", "ALTER TABLE secret RENAME TO lost");
    CHECK_FALSE(o.wait(o.book.secret("cookie")));
    o.file.run("ALTER TABLE lost RENAME TO secret", "ALTER TABLE lost RENAME TO secret");
    const auto secret = o.wait(o.book.secret("cookie"));
    REQUIRE(secret);
    CHECK(o.wait(o.book.secret("cookie")) == secret);
}

TEST_CASE("secrets and ended sessions are the same after a restart") {
    office o;
    const auto secret = o.wait(o.book.secret("cookie"));
    REQUIRE(secret);
    CHECK(o.wait(o.book.secret("cookie")) == secret);
    CHECK(o.wait(o.book.secret("other")) != secret);
    CHECK_FALSE(o.wait(o.book.remember_end("first", 4'000'000'000)));
    CHECK_FALSE(o.wait(o.book.remember_end("second", 1)));
    registrar anew(o.io.get_executor(), registry::open(o.file.url()).value(), "sites.db");
    CHECK(o.wait(anew.secret("cookie")) == secret);
    CHECK(anew.has_ended("first"));
    CHECK_FALSE(anew.has_ended("second"));
}

}  // namespace crosstalk::gateway
