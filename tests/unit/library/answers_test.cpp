#include "library/answers.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using namespace crosstalk::library;

namespace {

std::string read_all(peer::answer& a) {
    std::string out;
    REQUIRE(a.body.read(out, 1 << 20));
    return out;
}

}  // namespace

TEST_CASE("a request is handed on with all that is known of it") {
    cgi::incoming_request from;
    from.method = "PUT";
    from.target = "/shop/a%20b?c=d";
    from.script_name = "/shop";
    from.path_info = "/a b";
    from.query = "c=d";
    from.headers.add("Accept", "*/*");
    from.content_length = 7;
    from.auth_type = "XMPP";
    from.remote_user = "juliet@capulet.example";
    from.remote_addr = "192.0.2.7";
    from.scheme = "https";
    const auto to = make_request(from);
    CHECK(to.method == "PUT");
    CHECK(to.target == "/shop/a%20b?c=d");
    CHECK(to.script_name == "/shop");
    CHECK(to.path == "/a b");
    CHECK(to.query == "c=d");
    CHECK(*to.headers.find("accept") == "*/*");
    CHECK(to.content_length == 7);
    CHECK(to.auth_type == "XMPP");
    CHECK(to.user == "juliet@capulet.example");
    CHECK(to.remote_addr == "192.0.2.7");
    CHECK(to.scheme == "https");
    CHECK(to.body.empty());
}

TEST_CASE("a status that no visitor may get is refused, with words") {
    for (const unsigned status : {0U, 99U, 100U, 101U, 199U, 600U, 1000U}) {
        std::string problem;
        CHECK_FALSE(make_start(status, {}, problem));
        CHECK(problem == "the program answered with status " + std::to_string(status));
    }
    std::string problem;
    CHECK(make_start(200, {}, problem));
    CHECK(make_start(599, {}, problem));
    CHECK(problem.empty());
}

TEST_CASE("a field that would split the answer is refused") {
    for (const http::field& bad : {http::field{"X", "a\r\nSet-Cookie: b"}, http::field{"X", "a\nb"},
                                   http::field{"X", std::string("a\0b", 3)}, http::field{"", "a"},
                                   http::field{"A B", "a"}, http::field{"X:", "a"}}) {
        std::string problem;
        CHECK_FALSE(make_start(200, {{"Good", "yes"}, bad}, problem));
        CHECK_FALSE(problem.empty());
    }
}

TEST_CASE("fields of a connection are left out") {
    std::string problem;
    const auto start = make_start(200,
                                  {{"Connection", "close, X-Hop"},
                                   {"X-Hop", "1"},
                                   {"Transfer-Encoding", "chunked"},
                                   {"ETag", "\"e\""}},
                                  problem);
    REQUIRE(start);
    CHECK(start->headers == http::fields{{"ETag", "\"e\""}});
}

TEST_CASE("a whole body has its length, whatever the program says of it") {
    std::string problem;
    auto got = make_whole_answer({.status = 201, .headers = {{"Content-Length", "99"}}, .body = "rose"},
                                 "POST", problem);
    REQUIRE(got);
    CHECK(got->start.status == 201);
    CHECK(got->start.headers == http::fields{{"Content-Length", "4"}});
    CHECK(read_all(*got) == "rose");
    auto empty = make_whole_answer({}, "GET", problem);
    REQUIRE(empty);
    CHECK(*empty->start.headers.find("Content-Length") == "0");
}

TEST_CASE("HEAD keeps the length and not the body, and no length is made up") {
    std::string problem;
    auto got = make_whole_answer({.body = "rose"}, "HEAD", problem);
    REQUIRE(got);
    CHECK(*got->start.headers.find("Content-Length") == "4");
    CHECK(got->body.left() == 0);
    auto unmade = make_whole_answer({}, "HEAD", problem);
    REQUIRE(unmade);
    CHECK(unmade->start.headers.empty());
}

TEST_CASE("204 and 304 have no body") {
    for (const unsigned status : {204U, 304U}) {
        std::string problem;
        auto got = make_whole_answer({.status = status, .body = "rose"}, "GET", problem);
        REQUIRE(got);
        CHECK(got->body.left() == 0);
        CHECK(got->start.headers.empty());
    }
}
