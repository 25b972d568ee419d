#include "cmd/addresses.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::cmd;

TEST_CASE("a host and port has both") {
    CHECK(parse_host_and_port("Server.example:5222") == host_and_port{"server.example", 5222});
    CHECK(parse_host_and_port("[::1]:5347") == host_and_port{"::1", 5347});
    for (auto const text : {"", "server.example", "server.example:", ":5222", "a:0", "a:65536", "a:b",
                            "::1:5222", "u@a:1", "a:1/", "a b:1"})
        CHECK_MESSAGE(!parse_host_and_port(text), text);
}

TEST_CASE("listening takes addresses of this machine, not names") {
    for (auto const text :
         {"127.0.0.1:8080", "0.0.0.0:0", "[::]:80", "[fe80::1]:65535", "unix:/run/x.sock", "systemd", "systemd:http"})
        CHECK_MESSAGE(is_listen_address(text), text);
    for (auto const text :
         {"", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "::1:80",
          "[127.0.0.1]:80", "unix:", "unix:x.sock", "127.0.0.1:+1", "127.0.0.1:80 ", "systemd:", "systemd:a:b", "systemdx"})
        CHECK_MESSAGE(!is_listen_address(text), text);
    CHECK(is_listen_address("unix:/" + std::string(106, 'x')));
    CHECK_FALSE(is_listen_address("unix:/" + std::string(107, 'x')));
}

TEST_CASE("a DNS server is an address, its port may be left out") {
    for (auto const text : {"127.0.0.1", "127.0.0.1:5353", "::1", "[::1]:53"})
        CHECK_MESSAGE(is_dns_server(text), text);
    for (auto const text : {"", "ns.example", "ns.example:53", "unix:/x", "[::1]", "1.2.3"})
        CHECK_MESSAGE(!is_dns_server(text), text);
}

TEST_CASE("a base URL is normalized and has nothing behind its host") {
    REQUIRE(parse_base_url("https://Http.Example.org/").has_value());
    CHECK(parse_base_url("https://Http.Example.org/")->text == "https://http.example.org");
    CHECK(parse_base_url("http://a.example:80")->text == "http://a.example");
    CHECK(parse_base_url("https://a.example:80")->text == "https://a.example:80");
    CHECK(parse_base_url("http://[::1]:8080")->text == "http://[::1]:8080");
    CHECK(parse_base_url("http://[::1]:8080")->is_ip);
    CHECK(parse_base_url("http://127.0.0.1")->is_ip);
    CHECK_FALSE(parse_base_url("http://localhost:8080")->is_ip);
    for (auto const text :
         {"", "a.example", "http://", "ftp://a.example", "http://a.example/x", "http://a.example?x",
          "http://a.example#x", "http://u@a.example", "//a.example"})
        CHECK_MESSAGE(!parse_base_url(text), text);
}

TEST_CASE("domains and bare JIDs are told apart and prepared") {
    CHECK(parse_domain("HTTP.Example.org") == "http.example.org");
    CHECK(parse_bare_jid("Romeo@Montague.example") == "romeo@montague.example");
    for (auto const text : {"", "a@b.example", "b.example/r", "a@b.example/r", "@b.example"})
        CHECK_MESSAGE(!parse_domain(text), text);
    for (auto const text : {"", "b.example", "a@b.example/r", "@b.example", "a@"})
        CHECK_MESSAGE(!parse_bare_jid(text), text);
}
