#include "visit/start_page.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;

namespace {

ask::page get(std::string_view target, const char* method = "GET") {
    http::request_head head;
    head.method = method;
    head.headers.add("Accept", "text/html");
    return visit::answer_start(head, target, {"localhost", 8118}, "juliet@capulet.example");
}

std::string leads_to(std::string_view target) {
    const auto made = get(target);
    const auto* location = made.head.headers.find("Location");
    return location == nullptr ? "" : *location;
}

}  // namespace

TEST_CASE("a page to type an address into") {
    const auto made = get("/");
    CHECK(made.head.status == 200);
    CHECK(made.body.find("juliet@capulet.example") != std::string::npos);
    CHECK(made.body.find("<input name=\"to\"") != std::string::npos);
}

TEST_CASE("addresses lead to the peer's site") {
    const std::string site = "http://romeo-at-montague-example.localhost:8118";
    CHECK(leads_to("/?to=romeo%40montague.example") == site + "/");
    CHECK(leads_to("/?to=+romeo@Montague.example+&x=y") == site + "/");
    CHECK(leads_to("/?to=httpx%3A%2F%2Fromeo%40montague.example%2Fa%3Fb%3Dc") == site + "/a?b=c");
    CHECK(leads_to("/?to=xmpp:romeo@montague.example") == site + "/");
    CHECK(leads_to("/romeo@montague.example") == site + "/");
    CHECK(leads_to("/romeo@montague.example/list.txt?a=b@c") == site + "/list.txt?a=b@c");
}

TEST_CASE("what leads nowhere is told, and is text") {
    for (const char* typed : {"romeo", "@", "a%20b@c", "%3Cscript%3E@x%22", "romeo@x_y"}) {
        CAPTURE(typed);
        const auto made = get(std::string("/?to=") + typed);
        CHECK(made.head.status == 400);
        CHECK(made.head.headers.find("Location") == nullptr);
        CHECK(made.body.find("does not lead anywhere") != std::string::npos);
        CHECK(made.body.find("<script") == std::string::npos);
    }
    CHECK(get("/?to=%22%3E%3Cb%3E").body.find("value=\"&quot;&gt;&lt;b&gt;\"") != std::string::npos);
    CHECK(get("/favicon.ico").head.status == 404);
    CHECK(get("/", "POST").head.status == 501);
    CHECK(get("*", "OPTIONS").head.status == 204);
}
