// Targets, hosts and percent-encoding.
#include <doctest/doctest.h>

#include "http/target.hpp"

using namespace crosstalk::http;
using namespace std::string_literals;

namespace {

std::string shown(std::string_view host) {
    const auto found = parse_authority(host);
    return found ? found->host + "|" + std::to_string(found->port) : "refused";
}

}  // namespace

TEST_CASE("a host with an optional port is taken apart") {
    CHECK(shown("Example.ORG") == "example.org|0");
    CHECK(shown("example.org:8080") == "example.org|8080");
    CHECK(shown("example.org:") == "example.org|0");
    CHECK(shown("a_b-c.example.org.:65535") == "a_b-c.example.org.|65535");
    CHECK(shown("127.0.0.1:1") == "127.0.0.1|1");
    CHECK(shown("[2001:DB8::1]") == "[2001:db8::1]|0");
    CHECK(shown("[::ffff:127.0.0.1]:443") == "[::ffff:127.0.0.1]|443");
}

TEST_CASE("what is no host with an optional port is refused") {
    for (const auto& bad : {""s,
                            ":80"s,
                            "a:0"s,
                            "a:65536"s,
                            "a:123456"s,
                            "a:8 0"s,
                            "a:+1"s,
                            "a:80:80"s,
                            "a b"s,
                            "a,b"s,
                            "user@a"s,
                            "a%41"s,
                            "a/"s,
                            "a?"s,
                            "a#"s,
                            "\xC3\xA4"s,
                            ".a"s,
                            "a..b"s,
                            "[::1"s,
                            "::1"s,
                            "[]"s,
                            "[a]"s,
                            "[::1]x"s,
                            "[::1]:x"s,
                            "[::1%25eth0]"s,
                            "[127.0.0.1]"s,
                            "[::1\0]"s,
                            "a\0"s,
                            "a\\b"s,
                            std::string(256, 'a'),
                            "[" + std::string(100, ':') + "]"}) {
        CAPTURE(bad);
        CHECK(shown(bad) == "refused");
    }
}

TEST_CASE("an origin-form target is kept as it stands") {
    const auto target = parse_target("GET", "//a/../%2e?x=1?y");
    REQUIRE(target.has_value());
    CHECK(target->form == target_form::origin);
    CHECK(target->origin == "//a/../%2e?x=1?y");
    CHECK(!target->host);
    const auto [path, query, has_query] = split_query(target->origin);
    CHECK(path == "//a/../%2e");
    CHECK(query == "x=1?y");
    CHECK(has_query);
    CHECK(!split_query("/a").has_query);
    CHECK(split_query("/a?").has_query);
}

TEST_CASE("an absolute-form target names host and origin form") {
    const auto target = parse_target("GET", "HTTP://A.example:81/x?y");
    REQUIRE(target.has_value());
    CHECK(target->form == target_form::absolute);
    CHECK(target->scheme == "http");
    CHECK(target->host == authority{"a.example", 81});
    CHECK(target->origin == "/x?y");
    CHECK(parse_target("GET", "https://a")->origin == "/");
    CHECK(parse_target("GET", "http://a?q")->origin == "/?q");
    CHECK(parse_target("OPTIONS", "http://a")->origin == "*");
    CHECK(parse_target("OPTIONS", "http://a/")->origin == "/");
}

TEST_CASE("the asterisk is for OPTIONS and the authority form for CONNECT") {
    CHECK(parse_target("OPTIONS", "*")->form == target_form::asterisk);
    CHECK(parse_target("OPTIONS", "*")->origin == "*");
    CHECK(parse_target("GET", "*").error() == errc::bad_target);
    const auto connect = parse_target("CONNECT", "a.example:443");
    REQUIRE(connect.has_value());
    CHECK(connect->form == target_form::authority);
    CHECK(connect->host == authority{"a.example", 443});
    CHECK(parse_target("CONNECT", "a.example").error() == errc::bad_target);
    CHECK(parse_target("CONNECT", "/").error() == errc::bad_target);
    CHECK(parse_target("GET", "a.example:443").error() == errc::bad_target);
}

TEST_CASE("other targets are refused") {
    for (const auto& bad :
         {""s, "x"s, "/a#b"s, "/a b"s, "/\x7F"s, "/\xE4"s, "/\0"s, "ftp://a/"s, "http:///x"s,
          "http://"s, "http:a"s, "http://u@a/"s, "http://u:p@a/"s, "://a"s, "**"s}) {
        CAPTURE(bad);
        CHECK(parse_target("GET", bad).error() == errc::bad_target);
    }
}

TEST_CASE("every byte survives encoding and decoding") {
    std::string bytes;
    for (unsigned c = 0; c < 256; ++c) bytes += static_cast<char>(c);
    for (const auto& encoded : {percent_encode_path(bytes), percent_encode_segment(bytes)}) {
        CHECK(percent_decode(encoded) == bytes);
        CHECK(parse_target("GET", "/" + encoded).has_value());
        CHECK(encoded.find_first_of("?#\" <>") == encoded.npos);
    }
    CHECK(percent_encode_path("/a b/\xC3\xA4") == "/a%20b/%C3%A4");
    CHECK(percent_encode_segment("a/b") == "a%2Fb");
    CHECK(percent_decode("+%2b%2B") == "+++");
}

TEST_CASE("a percent sign without two hex digits is refused") {
    for (const auto* bad : {"%", "%4", "%4g", "%g4", "a%", "%%41", "% 41", "%u0041", "%+4"}) {
        CAPTURE(bad);
        CHECK(!percent_decode(bad));
    }
}

TEST_CASE("this machine is known by its names and addresses, and nothing else is") {
    for (const char* host : {"localhost", "a.localhost", "127.0.0.1", "127.1.2.3", "[::1]"})
        CHECK(is_this_machine(host));
    for (const char* host : {"", "localhost.example.org", "mylocalhost", "127.0.0.1.example.org",
                             "127.example.org", "[::2]", "192.0.2.1"})
        CHECK_FALSE(is_this_machine(host));
}

TEST_CASE("dot segments are found however they are written") {
    for (const auto* bad :
         {"/..", "/.", "/../a", "/a/../b", "/a/./b", "/a/..", "/%2e%2E/a", "/.%2e", "/%2e", "/a/%2e./b",
          "/a%2f..%2fb", "/a%2F..", "/..%5ca", "/a\\..\\b", "..", "."}) {
        CAPTURE(bad);
        CHECK(has_dot_segment(bad));
    }
    for (const auto* good : {"/", "", "/a", "/...", "/a..", "/..a", "/.a", "/a.", "/a./b",
                             "/.well-known/x", "/%252e%252e/", "/a..%2fb", "/%2", "//", "/.%2"}) {
        CAPTURE(good);
        CHECK(!has_dot_segment(good));
    }
}
