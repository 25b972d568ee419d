// The registry's file: what it keeps, what it refuses, and two processes' worth of handles on it.
#include "gateway/registry.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>

#include "scratch_file.hpp"

namespace crosstalk::gateway {
namespace {

registry open(const test::scratch_file& file) { return registry::open(file.path()).value(); }

void run_sql(const std::string& path, const char* sql) {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &db) == SQLITE_OK);
    CHECK(sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(db);
}

}  // namespace

TEST_CASE("what was added is found, listed and removed") {
    const test::scratch_file file;
    auto sites = open(file);
    CHECK(sites.add({"romeo", "romeo@example.org", false, 1700000000}));
    CHECK(sites.add({"balcony", "juliet@example.org"}));
    const auto found = sites.find("romeo").value();
    REQUIRE(found);
    CHECK(*found == site{"romeo", "romeo@example.org", false, 1700000000});
    const auto all = sites.list().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].name == "balcony");
    CHECK(all[0].created > 1700000000);
    CHECK(sites.of_owner("juliet@example.org").value() == std::vector<site>{all[0]});
    CHECK(sites.remove("romeo").value());
    CHECK_FALSE(sites.remove("romeo").value());
    CHECK_FALSE(sites.find("romeo").value());
}

TEST_CASE("a name is taken once") {
    const test::scratch_file file;
    auto sites = open(file);
    CHECK(sites.add({"romeo", "romeo@example.org"}));
    const auto again = sites.add({"romeo", "mallory@example.org"});
    CHECK(again.error() == registry_errc::name_taken);
    CHECK(sites.find("romeo").value()->owner == "romeo@example.org");
}

TEST_CASE("what is no site is refused") {
    const test::scratch_file file;
    auto sites = open(file);
    CHECK(sites.add({"Romeo", "romeo@example.org"}).error() == registry_errc::bad_site);
    CHECK(sites.add({"a'; DROP TABLE site; --", "x"}).error() == registry_errc::bad_site);
    CHECK(sites.add({"romeo", ""}).error() == registry_errc::bad_site);
    CHECK(sites.list().value().empty());
}

TEST_CASE("it is all there when the file is opened again") {
    const test::scratch_file file;
    CHECK(open(file).add({"romeo", "romeo@example.org"}));
    CHECK(open(file).find("romeo").value());
}

TEST_CASE("a reader learns of what another handle wrote") {
    const test::scratch_file file;
    auto reader = open(file);
    auto writer = open(file);
    const auto before = reader.data_version().value();
    CHECK(reader.data_version().value() == before);
    CHECK(writer.add({"romeo", "romeo@example.org"}));
    CHECK(reader.data_version().value() != before);
    CHECK(reader.find("romeo").value());
    CHECK(writer.remove("romeo").value());
    CHECK_FALSE(reader.find("romeo").value());
}

TEST_CASE("files that are not for us are left alone") {
    const test::scratch_file file;
    CHECK(registry::open(file.path() + "/no/such/folder").error() == registry_errc::cannot_open);
    std::ofstream(file.path()) << "This is a letter, and no database. " << std::string(4096, 'x');
    CHECK(registry::open(file.path()).error() == registry_errc::not_a_registry);
    const test::scratch_file newer;
    run_sql(newer.path(), "PRAGMA user_version = 99;");
    CHECK(registry::open(newer.path()).error() == registry_errc::newer_schema);
    const test::scratch_file other;
    run_sql(other.path(), "CREATE TABLE site (colour TEXT); PRAGMA user_version = 1;");
    CHECK(registry::open(other.path()).error() == registry_errc::not_a_registry);
}

TEST_CASE("every error has words of its own") {
    std::vector<std::string> texts;
    for (int code = 1; code <= static_cast<int>(registry_errc::failed); ++code) {
        const auto text = make_error_code(static_cast<registry_errc>(code)).message();
        CHECK(text != "unknown registry error");
        CHECK(std::find(texts.begin(), texts.end(), text) == texts.end());
        texts.push_back(text);
    }
}

}  // namespace crosstalk::gateway
