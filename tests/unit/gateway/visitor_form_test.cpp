// Forms that visitors send, and where they may be led.
#include "gateway/visitor_form.hpp"

#include <doctest/doctest.h>

#include "gateway/login_pages.hpp"

namespace crosstalk::gateway {

TEST_CASE("a form's values are decoded, the first of each name") {
    auto values = read_form("jid=juliet%40capulet.example&to=%2Fa%3Fb%26c+d&jid=other&empty=&bare&=x&bad=%zz");
    CHECK(values["jid"] == "juliet@capulet.example");
    CHECK(values["to"] == "/a?b&c d");
    CHECK(values["empty"].empty());
    CHECK(values["bad"].empty());
    CHECK(read_form("").empty());
    CHECK(read_form("&&&").size() <= 1);
}

TEST_CASE("an address as people type it") {
    CHECK(read_address(" Juliet@Capulet.example ") == "juliet@capulet.example");
    CHECK(read_address("xmpp:juliet@capulet.example/phone") == "juliet@capulet.example");
    for (const char* text : {"", "juliet", "capulet.example", "@capulet.example", "a@b@c", "a b@c", "<script>@x"})
        CHECK_FALSE(read_address(text));
    CHECK_FALSE(read_address(std::string(5000, 'a') + "@capulet.example"));
}

TEST_CASE("a return leads to this host alone") {
    for (const char* target : {"/", "/a/b?c=d&e", "/a%20b"}) CHECK(safe_return(target) == target);
    for (const char* target : {"", "//evil.example/", "/\\evil.example", "https://evil.example/", "a", "/a\r\nSet-Cookie: x", "/ b",
                               "/\xc3\xb6", "/.well-known/crosstalk/login/wait"})
        CHECK(safe_return(target) == "/");
    CHECK(safe_return('/' + std::string(10'000, 'a')) == "/");
}

TEST_CASE("what comes from outside is text on every page") {
    const std::string evil = "<script>alert(1)</script>\"'";
    for (const auto& shown : {login_page(401, evil, evil), waiting_page(evil, evil, evil), not_admitted_page(evil, evil),
                              asked_page(evil, "/"), notice_page(403, evil, evil, evil)}) {
        CHECK(shown.body.find("<script") == std::string::npos);
        CHECK(shown.head.headers.get("Content-Security-Policy").find("form-action 'self'") != std::string_view::npos);
        CHECK(shown.head.headers.get("Cache-Control") == "no-store");
    }
    CHECK(waiting_page("a@b", "CODE", "/x?y=1&z=+").head.headers.get("Refresh") ==
          "1; url=/.well-known/crosstalk/login/wait?to=%2Fx%3Fy%3D1%26z%3D%2B");
}

}  // namespace crosstalk::gateway
