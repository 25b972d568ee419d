#include "peer/direct_offer.hpp"

#include <doctest/doctest.h>

namespace crosstalk::peer {
namespace {

struct reading {
    std::optional<net::websocket_place> place;
    std::string problem;
};

reading read(const std::string& url, const direct_rules& rules, const std::string& token = "token") {
    xmpp::element offer("direct", std::string(xmpp::ns::crosstalk));
    offer.set("url", url).set("token", token);
    reading r;
    r.place = read_direct_offer(offer, rules, r.problem);
    CHECK(r.place.has_value() == r.problem.empty());
    return r;
}

const direct_rules rules{"http.example.org", {}, false};

bool is_taken(const std::string& host, const direct_rules& by = rules) {
    return read("wss://" + host + "/.well-known/crosstalk", by).place.has_value();
}

}  // namespace

TEST_CASE("an offer says where to connect, and the token goes into a header alone") {
    const auto place = read("wss://http.example.org:8443/.well-known/crosstalk", rules).place;
    REQUIRE(place);
    CHECK(place->tls);
    CHECK(place->host == "http.example.org");
    CHECK(place->port == 8443);
    CHECK(place->authority == "http.example.org:8443");
    CHECK(place->target == "/.well-known/crosstalk");
    CHECK(*place->extra.find("Authorization") == "Bearer token");
    CHECK(read("wss://example.org/.well-known/crosstalk", rules).place->port == 443);
}

TEST_CASE("the host is the gateway's own, its parent's, or one that was allowed") {
    for (const char* host :
         {"http.example.org", "a.http.example.org", "example.org", "sites.example.org"})
        CHECK(is_taken(host));
    for (const char* host : {"example.net", "badexample.org", "org", "192.0.2.1", "[2001:db8::1]",
                             "http.example.org.evil.net", "localhost", "127.0.0.1"})
        CHECK_FALSE(is_taken(host));
    CHECK(is_taken("relay.example.net", {"http.example.org", {"relay.example.net"}, false}));
    // The parent of a domain of two labels is everybody's.
    CHECK(is_taken("example.org", {"example.org", {}, false}));
    CHECK_FALSE(is_taken("other.org", {"example.org", {}, false}));
}

TEST_CASE("without TLS only this machine is taken, and only where the server is on it too") {
    const direct_rules here{"http.example.org", {}, true};
    for (const char* url :
         {"ws://localhost:8080/.well-known/crosstalk", "ws://a.localhost/.well-known/crosstalk",
          "ws://[::1]/.well-known/crosstalk", "ws://127.0.0.1:1/.well-known/crosstalk"}) {
        CHECK(read(url, here).place.has_value());
        CHECK_FALSE(read(url, rules).place.has_value());
    }
    CHECK(read("ws://[::1]:81/.well-known/crosstalk", here).place->host == "::1");
    CHECK_FALSE(read("ws://http.example.org/.well-known/crosstalk", here).place.has_value());
    CHECK_FALSE(is_taken("localhost.example.net", here));
}

TEST_CASE("an address that is none, another path, and a bad token are refused") {
    for (const char* url :
         {"", "wss://", "https://http.example.org/.well-known/crosstalk", "wss://http.example.org",
          "wss://http.example.org/", "wss://http.example.org/.well-known/crosstalk?x",
          "wss://http.example.org/.well-known/crosstalk/",
          "wss://a@http.example.org/.well-known/crosstalk",
          "wss://http.example.org:0/.well-known/crosstalk",
          "wss://http.exa mple.org/.well-known/crosstalk", "wss:///.well-known/crosstalk"})
        CHECK_FALSE(read(url, rules).place.has_value());
    const std::string good = "wss://http.example.org/.well-known/crosstalk";
    for (const auto& token :
         {std::string(), std::string(200, 'x'), std::string("a b"), std::string("a\r\nb")})
        CHECK_FALSE(read(good, rules, token).place.has_value());
}

}  // namespace crosstalk::peer
