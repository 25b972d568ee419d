// The registry's file: which files it leaves alone, and what is said of it.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "gateway/registry.hpp"
#include "scratch_file.hpp"

namespace crosstalk::gateway {

TEST_CASE("files that are not for us are left alone") {
    const test::scratch_file file;
    CHECK(registry::open(file.url() + "/no/such/folder").error() == registry_errc::cannot_open);
    std::ofstream(file.path()) << "This is a letter, and no database. " << std::string(4096, 'x');
    CHECK(registry::open(file.url()).error() == registry_errc::not_a_registry);
    const test::scratch_file newer;
    CHECK(open_sqlite(newer.path()).value()->run("PRAGMA user_version = 99;"));
    CHECK(registry::open(newer.url()).error() == registry_errc::newer_schema);
    const test::scratch_file other;
    CHECK(open_sqlite(other.path()).value()->run("CREATE TABLE colour (shade TEXT); PRAGMA user_version = 2;"));
    CHECK(registry::open(other.url()).error() == registry_errc::not_a_registry);
}

TEST_CASE("secrets are in it, so that other users cannot read it, nor what is beside it") {
    namespace fs = std::filesystem;
    const test::scratch_file file;
    const auto mask = ::umask(022);
    std::ofstream(file.path()).close();
    ::umask(mask);
    CHECK((fs::status(file.path()).permissions() & fs::perms::others_read) != fs::perms::none);
    auto opened = registry::open(file.url()).value();
    CHECK(opened.secret("cookie", "made").value() == "made");
    for (const char* beside : {"", "-wal", "-shm"})
        CHECK_MESSAGE((fs::status(file.path() + beside).permissions() & fs::perms::others_all) == fs::perms::none, beside);
}

TEST_CASE("a server that is not there is told, at once") {
    CHECK(registry::open("postgresql://127.0.0.1:1/crosstalk").error() == registry_errc::no_server);
    CHECK(registry::open("postgresql://").error() == registry_errc::no_server);
}

TEST_CASE("what is shown of a registry has no password") {
    CHECK(registry::title_of("sqlite:/var/lib/sites.db") == "/var/lib/sites.db");
    CHECK(registry::title_of("postgresql://db.example/crosstalk") == "postgresql://db.example/crosstalk");
    CHECK(registry::title_of("postgresql://me:secret@db.example:5432/x") == "postgresql://me@db.example:5432/x");
    CHECK(registry::title_of("postgresql://me:p@ss:w@db.example/x") == "postgresql://me@db.example/x");
    CHECK(registry::title_of("postgresql://me@db.example/x?password=secret") == "postgresql://me@db.example/x");
    CHECK(registry::title_of("postgresql:///x?password=secret") == "postgresql:///x");
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
