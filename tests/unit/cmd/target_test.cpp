#include "cmd/target.hpp"

#include <doctest/doctest.h>

#include "scratch_folder.hpp"

using namespace crosstalk;
using cmd::parse_target;

namespace {

std::optional<peer::http_target> app(const std::string& text) {
    std::string problem;
    auto const target = parse_target(text, problem);
    CHECK(target.has_value() == problem.empty());
    if (!target) return std::nullopt;
    return std::get<peer::http_target>(*target);
}

std::string problem_of(const std::string& text) {
    std::string problem;
    CHECK_FALSE(parse_target(text, problem).has_value());
    return problem;
}

}  // namespace

TEST_CASE("a folder is a target when it is there") {
    scratch_folder const folder;
    std::string problem;
    auto const target = parse_target(folder.path(), problem);
    REQUIRE(target.has_value());
    CHECK(std::get<peer::folder_target>(*target).path == folder.path());
    CHECK(problem_of(folder.path("absent")).starts_with("does not exist"));
    CHECK(problem_of(folder.write("page.html", "x")).starts_with("is no folder"));
    CHECK(problem_of("").starts_with("is empty"));
}

TEST_CASE("a folder whose name looks like an address is still a folder") {
    scratch_folder const folder;
    std::filesystem::create_directory(folder.path("notes:2026"));
    std::filesystem::path const before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    std::string problem;
    auto const target = parse_target("notes:2026", problem);
    std::filesystem::current_path(before);
    REQUIRE(target.has_value());
    CHECK(std::get<peer::folder_target>(*target).path == "notes:2026");
}

TEST_CASE("apps are addresses, with the scheme's port unless told") {
    auto const plain = app("http://127.0.0.1:3000");
    REQUIRE(plain.has_value());
    CHECK(plain->host == "127.0.0.1");
    CHECK(plain->port == 3000);
    CHECK_FALSE(plain->tls);
    CHECK(plain->base_path.empty());
    auto const tls = app("https://App.example/base/");
    REQUIRE(tls.has_value());
    CHECK(tls->tls);
    CHECK(tls->host == "app.example");
    CHECK(tls->port == 443);
    CHECK(tls->base_path == "/base");
    CHECK(app("http://[::1]/")->port == 80);
    auto const unix_socket = app("unix:/run/app.sock");
    REQUIRE(unix_socket.has_value());
    CHECK(unix_socket->host.empty());
    CHECK(unix_socket->unix_path == "/run/app.sock");
}

TEST_CASE("addresses that are none are refused with what was expected") {
    for (auto const text : {"http://", "http:///x", "http://a/?q", "http://a/#f", "http://u@a/",
                            "http://a/%zz", "http://a/../b", "http://a:0/", "http://a:70000/"})
        CHECK_MESSAGE(problem_of(text).starts_with("is no address of an app"), text);
    CHECK(problem_of("unix:").starts_with("is no path of a socket"));
    CHECK(problem_of("unix:/" + std::string(107, 'x')).starts_with("is no path of a socket"));
}

TEST_CASE("forms that are not built are refused as unknown") {
    for (auto const text : {"fastcgi://127.0.0.1:9000/x.php", "scgi://127.0.0.1:4000", "cgi:./script",
                            "ftp://a/", "file:///etc"})
        CHECK_MESSAGE(problem_of(text).starts_with("is of a form that this version does not know"),
                      text);
}
