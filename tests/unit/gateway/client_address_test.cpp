// Who the visitor is, and whose word counts for it.
#include "gateway/client_address.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

proxy_list trust(const std::vector<std::string>& entries) {
    std::string bad;
    auto list = proxy_list::parse(entries, bad);
    REQUIRE_MESSAGE(list, bad);
    return *list;
}

client_address find(const std::string& from, const http::fields& headers,
                    const std::vector<std::string>& trusted, const std::string& scheme = "http") {
    return find_client({from, 40000, scheme}, headers, trust(trusted));
}

}  // namespace

TEST_CASE("a stranger's word for its address is not taken") {
    const http::fields headers = {{"X-Forwarded-For", "10.0.0.1"}, {"X-Forwarded-Proto", "https"}};
    const auto client = find("192.0.2.7", headers, {"127.0.0.1"});
    CHECK(client.address == "192.0.2.7");
    CHECK(client.port == 40000);
    CHECK(client.scheme == "http");
    CHECK(find("192.0.2.7", headers, {}).address == "192.0.2.7");
}

TEST_CASE("a trusted proxy's word is") {
    const auto client = find(
        "127.0.0.1", {{"X-Forwarded-For", "192.0.2.7"}, {"X-Forwarded-Proto", "https"}}, {"127.0.0.1"});
    CHECK(client.address == "192.0.2.7");
    CHECK(client.port == 0);
    CHECK(client.scheme == "https");
}

TEST_CASE("a connection with TLS is https, unless a trusted proxy knows better") {
    const http::fields forwarded = {{"X-Forwarded-Proto", "https, HTTP"}};
    CHECK(find("192.0.2.7", {}, {"127.0.0.1"}, "https").scheme == "https");
    CHECK(find("192.0.2.7", forwarded, {"127.0.0.1"}, "https").scheme == "https");
    CHECK(find("127.0.0.1", {}, {"127.0.0.1"}, "https").scheme == "https");
    CHECK(find("127.0.0.1", forwarded, {"127.0.0.1"}, "https").scheme == "http");
    CHECK(find("127.0.0.1", {{"X-Forwarded-Proto", "gopher"}}, {"127.0.0.1"}, "https").scheme ==
          "https");
}

TEST_CASE("what stands left of the first stranger was written by the stranger") {
    const http::fields headers = {{"X-Forwarded-For", "1.1.1.1, 192.0.2.7"},
                                  {"X-Forwarded-For", "10.1.2.3"}};
    CHECK(find("127.0.0.1", headers, {"127.0.0.1", "10.0.0.0/8"}).address == "192.0.2.7");
    CHECK(find("127.0.0.1", headers, {"127.0.0.1"}).address == "10.1.2.3");
}

TEST_CASE("ports and brackets are no part of an address, and rubbish ends the reading") {
    CHECK(find("::1", {{"X-Forwarded-For", "192.0.2.7:1234"}}, {"::1"}).address == "192.0.2.7");
    CHECK(find("::1", {{"X-Forwarded-For", "[2001:db8::1]:1234"}}, {"::1"}).address == "2001:db8::1");
    CHECK(find("::1", {{"X-Forwarded-For", "2001:db8::1"}}, {"::1"}).address == "2001:db8::1");
    CHECK(find("::1", {{"X-Forwarded-For", "evil\", x"}}, {"::1"}).address == "::1");
    CHECK(find("::1", {{"X-Forwarded-For", "["}}, {"::1"}).address == "::1");
    CHECK(find("::1", {{"X-Forwarded-For", ""}}, {"::1"}).address == "::1");
}

TEST_CASE("an address is written in one way, whatever way it came in") {
    CHECK(find("::1", {{"X-Forwarded-For", "::FFFF:192.0.2.7"}}, {"::1"}).address == "192.0.2.7");
    CHECK(find("::1", {{"X-Forwarded-For", "[2001:DB8:0:0::1]"}}, {"::1"}).address == "2001:db8::1");
    CHECK(find("::1", {{"X-Forwarded-For", "::ffff:10.1.1.1, ::ffff:10.0.0.1"}}, {"::1", "10.0.0.1"})
              .address == "10.1.1.1");
    const std::string nul("192.0.2.7\0x", 11);
    CHECK(find("::1", {{"X-Forwarded-For", nul}}, {"::1"}).address == "::1");
}

TEST_CASE("Forwarded is not read, even of a trusted proxy") {
    const http::fields headers = {{"Forwarded", "for=192.0.2.9;proto=https"}};
    CHECK(find("127.0.0.1", headers, {"127.0.0.1"}).address == "127.0.0.1");
    CHECK(find("127.0.0.1", headers, {"127.0.0.1"}).scheme == "http");
}

TEST_CASE("networks, and unix sockets") {
    const auto list = trust({"10.0.0.0/8", "192.0.2.128/25", "2001:db8::/33", "unix"});
    CHECK(list.trusts("10.255.0.1"));
    CHECK_FALSE(list.trusts("11.0.0.1"));
    CHECK(list.trusts("192.0.2.200"));
    CHECK_FALSE(list.trusts("192.0.2.100"));
    CHECK(list.trusts("2001:db8:7fff::1"));
    CHECK_FALSE(list.trusts("2001:db8:8000::1"));
    CHECK(list.trusts(""));
    CHECK_FALSE(trust({"0.0.0.0/0"}).trusts(""));
    CHECK(trust({"0.0.0.0/0"}).trusts("8.8.8.8"));
    CHECK_FALSE(trust({"0.0.0.0/0"}).trusts("2001:db8::1"));
}

TEST_CASE("entries that are none are named") {
    for (const char* entry :
         {"", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "::1/129", "1.2.3"}) {
        std::string bad;
        CAPTURE(entry);
        CHECK_FALSE(proxy_list::parse({"127.0.0.1", entry}, bad));
        CHECK(bad == entry);
    }
}

}  // namespace crosstalk::gateway
