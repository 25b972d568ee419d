// What HTTP makes of a peer's response: cookies kept in, neighbours kept apart, splitting refused.
#include "ask/response_rules.hpp"

#include <doctest/doctest.h>

namespace crosstalk::ask {
namespace {

std::optional<http::response_head> shape(http::fields headers, std::string_view script = "",
                                         unsigned status = 200) {
    return shape_response({status, std::move(headers)}, script, 784111777);
}

std::string value_of(const http::response_head& head, std::string_view name) {
    const auto* found = head.headers.find(name);
    return found == nullptr ? "(none)" : *found;
}

}  // namespace

TEST_CASE("fields of one connection do not cross, nor those that Connection names") {
    const auto head = shape({{"Connection", "X-Secret"},
                             {"X-Secret", "1"},
                             {"Keep-Alive", "timeout=5"},
                             {"Transfer-Encoding", "chunked"},
                             {"Upgrade", "h2c"},
                             {"X-Kept", "2"}});
    REQUIRE(head);
    CHECK(head->headers.size() == 2);
    CHECK(value_of(*head, "X-Kept") == "2");
}

TEST_CASE("a Date is added where there is none") {
    CHECK(value_of(*shape({}), "Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(value_of(*shape({{"date", "Mon, 07 Nov 1994 08:49:37 GMT"}}), "Date") ==
          "Mon, 07 Nov 1994 08:49:37 GMT");
}

TEST_CASE("a Date that is none, or more than one, gives way to ours") {
    for (const char* bad :
         {"", "0", "yesterday", "Sun, 06 Nov 1994 08:49:37", "1994-11-06T08:49:37Z"}) {
        const auto head = shape({{"Date", bad}});
        REQUIRE(head);
        CHECK(head->headers.count("Date") == 1);
        CHECK(value_of(*head, "Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
    }
    const auto doubled =
        shape({{"Date", "Mon, 07 Nov 1994 08:49:37 GMT"}, {"date", "Tue, 08 Nov 1994 08:49:37 GMT"}});
    REQUIRE(doubled);
    CHECK(doubled->headers.count("Date") == 1);
    CHECK(value_of(*doubled, "Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("cookies by which the gateway knows visitors are not a peer's to set, however they are written") {
    for (const char* cookie : {"__Host-crosstalk=a; Path=/; Secure", "crosstalk-visitor=a", "crosstalk-login=a", " crosstalk-visitor=a",
                               "\t__Host-crosstalk-login=a", "=crosstalk-visitor=a", " = crosstalk-visitor =a"}) {
        CHECK_MESSAGE(shape({{"Set-Cookie", cookie}})->headers.count("Set-Cookie") == 0, cookie);
        CHECK_MESSAGE(shape({{"set-cookie", cookie}, {"Set-Cookie", "a=b"}}, "/romeo")->headers.count("Set-Cookie") == 1, cookie);
    }
}

TEST_CASE("what would split or garble the response is refused") {
    CHECK_FALSE(shape({{"X", "a\r\nSet-Cookie: b"}}));
    CHECK_FALSE(shape({{"X", "a\nb"}}));
    CHECK_FALSE(shape({{"X", std::string("a\0b", 3)}}));
    CHECK_FALSE(shape({{"X y", "a"}}));
    CHECK_FALSE(shape({{"", "a"}}));
    CHECK_FALSE(shape({{"Content-Length", "5"}, {"Content-Length", "6"}}));
    CHECK_FALSE(shape({{"Content-Length", "-5"}}));
    CHECK_FALSE(shape({{"Content-Length", ""}}));
    CHECK_FALSE(shape({{"Content-Length", "99999999999999999999"}}));
    CHECK_FALSE(shape({}, "", 101));
    CHECK_FALSE(shape({}, "", 600));
    CHECK(shape({{"X", "caf\xe9"}}));
}

TEST_CASE("204 has no length") {
    CHECK(value_of(*shape({{"Content-Length", "0"}}, "", 204), "Content-Length") == "(none)");
    CHECK(value_of(*shape({{"Content-Length", "7"}}, "", 304), "Content-Length") == "7");
}

TEST_CASE("a cookie never belongs to more than its site's host") {
    CHECK(confine_cookie("a=b; Domain=example.org; Secure", "") == "a=b; Secure");
    CHECK(confine_cookie("a=b; DOMAIN = example.org", "") == "a=b");
    CHECK(confine_cookie("a=b; Path=/x; HttpOnly", "") == "a=b; Path=/x; HttpOnly");
    CHECK(confine_cookie("a=\"x; Domain=example.org; y\"", "") == "a=\"x; y\"");
    CHECK(confine_cookie("Domain=example.org", "") == "Domain=example.org");
    CHECK(confine_cookie("a=b;Domain", "") == "a=b");
}

TEST_CASE("under a path a cookie stays below it") {
    CHECK(confine_cookie("a=b", "/romeo") == "a=b; Path=/romeo/");
    CHECK(confine_cookie("a=b; Path=/", "/romeo") == "a=b; Path=/romeo/");
    CHECK(confine_cookie("a=b; path=/juliet; Secure", "/romeo") == "a=b; Secure; Path=/romeo/juliet");
    CHECK(confine_cookie("a=b; Path=/romeo", "/romeo") == "a=b; Path=/romeo");
    CHECK(confine_cookie("a=b; Path=/romeo/x", "/romeo") == "a=b; Path=/romeo/x");
    CHECK(confine_cookie("a=b; Path=/romeox", "/romeo") == "a=b; Path=/romeo/romeox");
    CHECK(confine_cookie("a=b; Path=/romeo; Path=/", "/romeo") == "a=b; Path=/romeo/");
    CHECK(confine_cookie("a=b; Path=x", "/romeo") == "a=b; Path=/romeo/");
    CHECK(confine_cookie("a=b; Path", "/romeo") == "a=b; Path=/romeo/");
}

TEST_CASE("sites that share an origin are kept apart in it") {
    const auto head = shape({{"Content-Security-Policy", "default-src 'self'"},
                             {"Service-Worker-Allowed", "/"},
                             {"clear-site-data", "\"*\""},
                             {"Set-Cookie", "a=b"},
                             {"Set-Cookie", "c=d; Path=/"}},
                            "/romeo");
    REQUIRE(head);
    CHECK(head->headers.count("Content-Security-Policy") == 2);
    CHECK(head->headers.count("Service-Worker-Allowed") == 0);
    CHECK(head->headers.count("Clear-Site-Data") == 0);
    CHECK(head->headers.count("Set-Cookie") == 2);
    CHECK(value_of(*head, "Set-Cookie") == "a=b; Path=/romeo/");
    const auto alone = shape({{"Service-Worker-Allowed", "/"}});
    CHECK(alone->headers.count("Content-Security-Policy") == 0);
    CHECK(alone->headers.count("Service-Worker-Allowed") == 1);
}

}  // namespace crosstalk::ask
