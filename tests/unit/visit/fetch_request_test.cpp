#include "visit/fetch_request.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;

namespace {

visit::fetch_settings plain() {
    visit::fetch_settings s;
    s.where = {"romeo@montague.example", "", "/page?q"};
    return s;
}

std::string value(const http::request_head& head, std::string_view name) {
    const auto* found = head.headers.find(name);
    return found == nullptr ? "" : *found;
}

}  // namespace

TEST_CASE("a plain request") {
    const auto head = visit::make_request(plain(), {}, {});
    CHECK(head.method == "GET");
    CHECK(head.target == "/page?q");
    CHECK(value(head, "Accept") == "*/*");
    CHECK(head.headers.find("Content-Length") == nullptr);
    CHECK(head.headers.find("Range") == nullptr);
}

TEST_CASE("a body makes it a POST with its length, unless the length is not known") {
    auto s = plain();
    s.body.emplace();
    auto head = visit::make_request(s, 7, {});
    CHECK(head.method == "POST");
    CHECK(value(head, "Content-Length") == "7");
    CHECK(value(head, "Content-Type") == "application/x-www-form-urlencoded");
    s.method = "PUT";
    s.headers = {
        {"content-type", "text/plain"}, {"content-length", "9"}, {"Transfer-Encoding", "chunked"}};
    head = visit::make_request(s, {}, {});
    CHECK(head.method == "PUT");
    CHECK(head.headers.count("Content-Type") == 1);
    CHECK(value(head, "Content-Type") == "text/plain");
    CHECK(head.headers.find("Content-Length") == nullptr);
    CHECK(head.headers.find("Transfer-Encoding") == nullptr);
}

TEST_CASE("a field of the user replaces ours, an empty one takes it away, repeats stay") {
    auto s = plain();
    s.headers = {{"user-agent", ""}, {"X", "1"}, {"X", "2"}};
    const auto head = visit::make_request(s, {}, {});
    CHECK(head.headers.find("User-Agent") == nullptr);
    CHECK(head.headers.count("X") == 2);
}

TEST_CASE("the rest of a file is asked for only as long as it is the same") {
    const auto head = visit::make_request(plain(), {}, visit::kept_part{100, "\"v1\""});
    CHECK(value(head, "Range") == "bytes=100-");
    CHECK(value(head, "If-Range") == "\"v1\"");
}

TEST_CASE("a peer is told its own domain, and nothing about us") {
    http::request_head head;
    head.method = "GET";
    head.target = "/page?q";
    head.headers = {{"Host", "elsewhere.example"}};
    const auto made = visit::make_peer_environ(head, "/page?q", "romeo@montague.example");
    REQUIRE(made.has_value());
    CHECK(made->get("HTTP_HOST") == "montague.example");
    CHECK(made->get("SERVER_NAME") == "montague.example");
    CHECK(made->get("SERVER_PORT") == "80");
    CHECK(made->get("REQUEST_URI") == "/page?q");
    CHECK(made->get("wsgi.url_scheme") == "http");
    CHECK(made->get("REMOTE_ADDR").empty());
}
