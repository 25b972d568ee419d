#include "talk/peer_uri.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using talk::parse_peer_uri;
using talk::peer_uri;

namespace {

peer_uri read(std::string_view text) {
    CAPTURE(text);
    std::string problem;
    const auto uri = parse_peer_uri(text, problem);
    REQUIRE_MESSAGE(uri.has_value(), problem);
    CHECK(problem.empty());
    return *uri;
}

}  // namespace

TEST_CASE("httpx: a JID, then a target") {
    const std::string romeo = "romeo@montague.example";
    CHECK(read("httpx://romeo@montague.example/page?q=1") == peer_uri{romeo, "", "/page?q=1"});
    CHECK(read("HTTPX://Romeo@Montague.Example") == peer_uri{romeo, "", "/"});
    CHECK(read("httpx://romeo@montague.example?q") == peer_uri{romeo, "", "/?q"});
    CHECK(read("httpx://romeo@montague.example/a#part") == peer_uri{romeo, "", "/a"});
    CHECK(read("httpx://romeo@montague.example%2Flaptop/a") == peer_uri{romeo, "laptop", "/a"});
    CHECK(read("httpx://romeo%40montague.example/") == peer_uri{romeo, "", "/"});
    CHECK(read("httpx://montague.example/") == peer_uri{"montague.example", "", "/"});
}

TEST_CASE("what a target cannot hold is encoded, what is encoded stays") {
    CHECK(read("httpx://r@m.example/sch\xc3\xb6n/%2Fx?\"<>").target == "/sch%C3%B6n/%2Fx?%22%3C%3E");
    CHECK(read("httpx://bj\xc3\xb6rn@m.example/").bare == "bj\xc3\xb6rn@m.example");
    CHECK(read("httpx://bj%C3%B6rn@m.example/").bare == "bj\xc3\xb6rn@m.example");
}

TEST_CASE("xmpp: what follows the slash is the resource, as RFC 5122 says") {
    const std::string romeo = "romeo@montague.example";
    CHECK(read("xmpp:romeo@montague.example") == peer_uri{romeo, "", "/"});
    CHECK(read("xmpp:romeo@montague.example/laptop") == peer_uri{romeo, "laptop", "/"});
    CHECK(read("xmpp:romeo@montague.example?http;path=/page%3Fq=1%3B2#x") ==
          peer_uri{romeo, "", "/page?q=1;2"});
    CHECK(read("xmpp:romeo@montague.example/laptop?http") == peer_uri{romeo, "laptop", "/"});
    CHECK(read("xmpp:romeo@montague.example?http;path=page") == peer_uri{romeo, "", "/page"});
}

TEST_CASE("anything else is refused, with words") {
    for (const std::string_view text : {"",
                                        "romeo@montague.example",
                                        "http://romeo@montague.example/",
                                        "httpx:romeo@m.example",
                                        "httpx:///a",
                                        "httpx://@m.example/",
                                        "httpx://romeo@m.example:80/",
                                        "httpx://ro meo@m.example/",
                                        "httpx://romeo@m.example/a b",
                                        "httpx://romeo@m.example/a\nb",
                                        "httpx://romeo@m.example/../x",
                                        "httpx://romeo@m.example/a/%2e%2E",
                                        "httpx://rom%zzeo@m.example/",
                                        "httpx://romeo@m.example%2F/",
                                        "xmpp:",
                                        "xmpp://me@x.example/romeo@m.example",
                                        "xmpp:romeo@m.example?message;body=x",
                                        "xmpp:romeo@m.example?http;path=/a%0d",
                                        "xmpp:romeo@m.example?http;method=GET",
                                        "xmpp:romeo@m.example?http;path=/%zz"}) {
        CAPTURE(text);
        std::string problem;
        CHECK_FALSE(parse_peer_uri(text, problem).has_value());
        CHECK_FALSE(problem.empty());
    }
    std::string problem;
    CHECK_FALSE(parse_peer_uri("httpx://r@m.example/" + std::string(20'000, 'x'), problem).has_value());
}

TEST_CASE("an account's address comes back as it went") {
    for (const std::string bare :
         {"romeo@montague.example", "bj\xc3\xb6rn@m.example", "montague.example", "a%b+c@m.example"}) {
        CAPTURE(bare);
        CHECK(read(talk::to_uri(bare)) == peer_uri{bare, "", "/"});
    }
    CHECK(talk::to_uri("romeo@montague.example") == "httpx://romeo@montague.example/");
}
