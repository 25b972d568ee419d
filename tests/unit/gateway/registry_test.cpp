// The registry: what it keeps, what it refuses, and two processes' worth of handles on it.
#include "gateway/registry.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "scratch_registry.hpp"

namespace crosstalk::gateway {
namespace {

using names = std::vector<std::string>;
constexpr auto romeo = "romeo@example.org", juliet = "juliet@example.org";

names names_of(const std::vector<site>& sites) {
    names all;
    for (const auto& s : sites) all.push_back(s.name);
    return all;
}

}  // namespace

TEST_CASE("what was added is found, listed and removed") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    site his{"romeo", romeo, false, 1700000000};
    his.seen_by = visibility::roster;
    his.suspended = true;
    his.guests = {"abbey.example", juliet};
    CHECK(sites.add(his));
    CHECK(sites.add({"balcony", juliet}));
    const auto found = sites.find("romeo").value();
    REQUIRE(found);
    CHECK(*found == his);
    const auto all = sites.list().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "balcony");
    CHECK(all[0].created > 1700000000);
    CHECK(all[1] == his);
    CHECK(sites.of_owner(juliet).value() == std::vector<site>{all[0]});
    CHECK(sites.remove("romeo").value());
    CHECK_FALSE(sites.remove("romeo").value());
    CHECK_FALSE(sites.find("romeo").value());
    CHECK(sites.remove_of(juliet).value());
    CHECK_FALSE(sites.remove_of(juliet).value());
    CHECK(sites.list().value().empty());
}

TEST_CASE("a name is taken once") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    CHECK(sites.add({"romeo", romeo}));
    site again{"romeo", "mallory@example.org"};
    again.guests = {"mallory@example.org"};
    CHECK(sites.add(again).error() == registry_errc::name_taken);
    CHECK(sites.find("romeo").value()->owner == romeo);
    CHECK(sites.find("romeo").value()->guests.empty());
}

TEST_CASE("what is no site is refused") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    CHECK(sites.add({"Romeo", romeo}).error() == registry_errc::bad_site);
    CHECK(sites.add({"a'; DROP TABLE site; --", "x"}).error() == registry_errc::bad_site);
    CHECK(sites.add({"romeo", ""}).error() == registry_errc::bad_site);
    CHECK(sites.list().value().empty());
}

TEST_CASE("it is all there when it is opened again") {
    const test::scratch_registry kept;
    CHECK(kept.open().add({"romeo", romeo}));
    CHECK(kept.open().find("romeo").value());
}

TEST_CASE("a site is changed as a whole") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    site his{"romeo", romeo, false, 7};
    his.guests = {juliet, "nurse@example.org"};
    CHECK(sites.add(his));
    auto after = his;
    after.guests = {"nurse@example.org", "o'neill@example.org"};
    after.seen_by = visibility::listed;
    CHECK(sites.update(his, after).value());
    CHECK(*sites.find("romeo").value() == after);
    his.name = "nobody";
    CHECK_FALSE(sites.update(his, after).value());
    CHECK_FALSE(sites.find("nobody").value());
}

TEST_CASE("two who change a site at once do not undo each other") {
    const test::scratch_registry kept;
    auto owner = kept.open(), operator_ = kept.open();
    site his{"romeo", romeo, false, 7};
    his.guests = {juliet};
    CHECK(owner.add(his));
    auto suspended = his, listed = his;
    suspended.suspended = true;
    listed.seen_by = visibility::listed;
    listed.guests = {"nurse@example.org"};
    CHECK(operator_.update(his, suspended).value());
    CHECK(owner.update(his, listed).value());
    listed.suspended = true;
    CHECK(*owner.find("romeo").value() == listed);
    CHECK(owner.remove("romeo").value());
    CHECK(owner.add({"romeo", juliet}));
    CHECK_FALSE(owner.update(listed, suspended).value());
    CHECK_FALSE(owner.find("romeo").value()->suspended);
}

TEST_CASE("a change costs what it changes, however many guests there are") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    site his{"romeo", romeo, false, 7};
    for (int at = 100; at < 300; ++at) his.guests.push_back(std::to_string(at) + "@example.org");
    CHECK(sites.add(his));
    const auto before = sites.since(-1).value().revision;
    auto after = his;
    after.guests.pop_back();
    CHECK(sites.update(his, after).value());
    CHECK(sites.since(before).value().revision == before + 1);
    CHECK(*sites.find("romeo").value() == after);
}

TEST_CASE("a host belongs to one site, and goes with it") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    CHECK(sites.add({"romeo", romeo}));
    CHECK(sites.add({"juliet", juliet}));
    CHECK(sites.add_host("www.example.net", "romeo"));
    CHECK(sites.add_host("www.example.net", "juliet").error() == registry_errc::name_taken);
    CHECK(sites.find("romeo").value()->hosts == names{"www.example.net"});
    CHECK(sites.remove("romeo").value());
    CHECK_FALSE(sites.remove_host("www.example.net").value());
    CHECK(sites.add_host("www.example.net", "juliet"));
    CHECK(sites.list().value().at(0).hosts == names{"www.example.net"});
    CHECK(sites.remove_host("www.example.net").value());
}

TEST_CASE("a host is moved in one go, or stays") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    CHECK(sites.add({"romeo", romeo}));
    CHECK(sites.add({"juliet", juliet}));
    CHECK(sites.move_host("www.example.net", "romeo"));
    const auto before = sites.since(-1).value().revision;
    CHECK(sites.move_host("www.example.net", "juliet"));
    CHECK(sites.find("romeo").value()->hosts.empty());
    CHECK(names_of(sites.since(before).value().sites) == names{"juliet", "romeo"});
    CHECK_FALSE(sites.move_host("www.example.net", "nobody"));
    CHECK(sites.find("juliet").value()->hosts == names{"www.example.net"});
}

TEST_CASE("rules are set, changed and taken back") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    CHECK(sites.rules().value().empty());
    CHECK(sites.rule("*", policy_key::names, 5));
    CHECK(sites.rule("*", policy_key::names, 6));
    CHECK(sites.rule("evil.example", policy_key::banned, 1));
    CHECK(sites.rules().value() ==
          std::vector<policy>{{"*", policy_key::names, 6}, {"evil.example", policy_key::banned, 1}});
    CHECK(sites.rule("*", policy_key::names, std::nullopt));
    CHECK(sites.rules().value().size() == 1);
}

TEST_CASE("a secret is made once; ended sessions are forgotten when they would have expired") {
    const test::scratch_registry kept;
    auto one = kept.open(), other = kept.open();
    CHECK(one.secret("cookie", "first").value() == "first");
    CHECK(other.secret("cookie", "second").value() == "first");
    CHECK(one.remember_end("a", 100, 50));
    CHECK(one.remember_end("a", 100, 50));
    CHECK(other.ended(50).value() == names{"a"});
    CHECK(other.ended(100).value().empty());
    CHECK(one.remember_end("b", 300, 200));
    CHECK(one.ended(0).value() == names{"b"});
}

TEST_CASE("a reader learns of what another handle changed, and of nothing else") {
    const test::scratch_registry kept;
    auto reader = kept.open(), writer = kept.open();
    CHECK(writer.add({"romeo", romeo}));
    CHECK(writer.add({"juliet", juliet}));
    auto seen = reader.since(-1).value();
    CHECK(seen.is_all);
    CHECK(names_of(seen.sites) == names{"juliet", "romeo"});
    REQUIRE(seen.rules);
    auto none = reader.since(seen.revision).value();
    CHECK(none.revision == seen.revision);
    CHECK(none.sites.empty());
    CHECK_FALSE(none.rules);

    auto his = *writer.find("romeo").value();
    const auto former = his;
    his.guests = {juliet};
    CHECK(writer.update(former, his).value());
    CHECK(writer.remove("juliet").value());
    CHECK(writer.add_host("www.example.net", "romeo"));
    auto changed = reader.since(seen.revision).value();
    CHECK_FALSE(changed.is_all);
    CHECK_FALSE(changed.rules);
    CHECK(names_of(changed.sites) == names{"romeo"});
    CHECK(changed.sites[0].guests == names{juliet});
    CHECK(changed.sites[0].hosts == names{"www.example.net"});
    CHECK(changed.gone == names{"juliet"});

    CHECK(writer.rule("*", policy_key::rate, 10));
    auto ruled = reader.since(changed.revision).value();
    REQUIRE(ruled.rules);
    CHECK(ruled.rules->size() == 1);
    CHECK(ruled.sites.empty());
    CHECK(reader.since(ruled.revision + 1000).value().is_all);
}

TEST_CASE("who has been away for long reads everything") {
    const test::scratch_registry kept;
    auto reader = kept.open(), writer = kept.open();
    CHECK(writer.add({"romeo", romeo}));
    const auto seen = reader.since(-1).value().revision;
    CHECK_FALSE(reader.since(seen).value().is_all);
    kept.run("UPDATE revision SET number = number + 20000", "UPDATE revision SET number = number + 20000");
    CHECK(reader.since(seen).value().is_all);
}

TEST_CASE("what the first version wrote is taken over") {
    const test::scratch_registry kept;
    kept.make_first_version();
    constexpr const char* insert = "INSERT INTO site (name, owner, created) VALUES ('romeo', 'romeo@example.org', 7)";
    kept.run(insert, insert);
    auto sites = kept.open();
    CHECK(sites.list().value() == std::vector<site>{{"romeo", romeo, false, 7}});
    CHECK(kept.open().since(-1).value().sites.size() == 1);
}

TEST_CASE("what a newer version wrote is left alone") {
    const test::scratch_registry kept;
    (void)kept.open();
    kept.run("PRAGMA user_version = 99", "UPDATE schema_version SET number = 99");
    CHECK(registry::open(kept.url()).error() == registry_errc::newer_schema);
}

TEST_CASE("what was half written is not there") {
    const test::scratch_registry kept;
    auto sites = kept.open();
    // A guest that cannot be written takes the site with it.
    kept.run("CREATE TRIGGER no_guest BEFORE INSERT ON guest BEGIN SELECT RAISE(ABORT, 'no'); END",
             "ALTER TABLE guest ADD CONSTRAINT no_guest CHECK (false)");
    site his{"romeo", romeo};
    his.guests = {juliet};
    CHECK_FALSE(sites.add(his));
    CHECK_FALSE(sites.find("romeo").value());
    CHECK(sites.add({"romeo", romeo}));
}

}  // namespace crosstalk::gateway
