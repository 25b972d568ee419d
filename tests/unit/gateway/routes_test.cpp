// From Host and target to a site: both kinds of addresses, and what is no address at all.
#include "gateway/routes.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

route_settings settings_of(addressing how, const char* base = "https://http.example.org") {
    return {parse_base_url(base).value(), how};
}

route ask(addressing how, std::string host, std::string target, std::string method = "GET",
          const char* base = "https://http.example.org") {
    http::request_head head{std::move(method), std::move(target), 1, {{"Host", std::move(host)}}};
    return find_route(head, settings_of(how, base));
}

bool is_refused(const route& r, refusal why) { return r.what == route::kind::refused && r.why == why; }

}  // namespace

TEST_CASE("a site under its own host has no script name") {
    const auto r = ask(addressing::host, "romeo.http.example.org", "/a%20b?c=d");
    CHECK(r.what == route::kind::site);
    CHECK(r.name == "romeo");
    CHECK(r.script_name.empty());
    CHECK(r.target == "/a%20b?c=d");
}

TEST_CASE("the port in Host is not compared, nor is case, nor the dot of the root") {
    CHECK(ask(addressing::host, "romeo.http.example.org:8080", "/").name == "romeo");
    CHECK(ask(addressing::host, "Romeo.HTTP.Example.org", "/").name == "romeo");
    CHECK(ask(addressing::host, "romeo.http.example.org.", "/").name == "romeo");
    CHECK(ask(addressing::host, "romeo.localhost:9000", "/", "GET", "http://localhost:8000").name ==
          "romeo");
}

TEST_CASE("hosts that are nobody's") {
    for (const char* host :
         {"http.example.org", "a.b.http.example.org", ".http.example.org", "127.0.0.1", "1.2.3.4.5", "[::1]",
          "localhost", "-a.http.example.org", "ro_meo.http.example.org", "-a.example.net", "a..example.net",
          "ex_ample.net", "x@y", ""}) {
        CAPTURE(host);
        CHECK(is_refused(ask(addressing::host, host, "/"), refusal::unknown_site));
    }
    CHECK(
        is_refused(ask(addressing::path, "romeo.http.example.org", "/romeo/"), refusal::unknown_site));
}

TEST_CASE("any other host may be a site's own") {
    for (const auto how : {addressing::host, addressing::path, addressing::both}) {
        for (const char* host : {"example.org", "romeohttp.example.org", "romeo.http.example.com", "xn--rmeo-5qa.example"}) {
            CAPTURE(host);
            const auto r = ask(how, host, "/romeo/?a");
            CHECK(r.what == route::kind::own_host);
            CHECK(r.authority.host == host);
            CHECK(r.target == "/romeo/?a");
            CHECK(r.script_name.empty());
        }
    }
    CHECK(ask(addressing::host, "WWW.Example.net.:8080", "/").authority.host == "www.example.net");
}

TEST_CASE("a site under a path") {
    for (const auto how : {addressing::path, addressing::both}) {
        const auto r = ask(how, "http.example.org", "/romeo/a?b");
        CHECK(r.what == route::kind::site);
        CHECK(r.name == "romeo");
        CHECK(r.script_name == "/romeo");
        CHECK(r.target == "/romeo/a?b");
    }
    CHECK(ask(addressing::both, "romeo.http.example.org", "/juliet/").name == "romeo");
}

TEST_CASE("a path without its slash is sent on where that is safe") {
    const auto sent_on = ask(addressing::path, "http.example.org", "/romeo?x=/y");
    CHECK(sent_on.what == route::kind::redirect);
    CHECK(sent_on.name == "romeo");
    CHECK(sent_on.location == "/romeo/?x=/y");
    CHECK(ask(addressing::path, "http.example.org", "/romeo", "HEAD").what == route::kind::redirect);
    const auto posted = ask(addressing::path, "http.example.org", "/romeo", "POST");
    CHECK(posted.what == route::kind::site);
    CHECK(posted.script_name == "/romeo");
}

TEST_CASE("encoded and odd names are no names") {
    for (const char* target :
         {"/%72omeo/", "/Romeo/", "/", "//romeo/", "/romeo%2f", "/romeo;x/", "/?romeo"}) {
        CAPTURE(target);
        CHECK(is_refused(ask(addressing::path, "http.example.org", target), refusal::unknown_site));
    }
}

TEST_CASE("dot segments are refused, however they are written") {
    for (const char* target :
         {"/../x", "/a/./b", "/a/..", "/%2e%2E/x", "/a/%2e", "/romeo/../juliet/"}) {
        CAPTURE(target);
        CHECK(is_refused(ask(addressing::host, "romeo.http.example.org", target), refusal::bad_target));
        CHECK(is_refused(ask(addressing::path, "http.example.org", target), refusal::bad_target));
    }
    CHECK(ask(addressing::host, "romeo.http.example.org", "/a..b/.c?../x").what == route::kind::site);
}

TEST_CASE("the host of an absolute target outranks Host") {
    const auto r =
        ask(addressing::host, "juliet.http.example.org", "http://romeo.http.example.org/a?b");
    CHECK(r.what == route::kind::site);
    CHECK(r.name == "romeo");
    CHECK(r.target == "/a?b");
}

TEST_CASE("OPTIONS * is for the site of its host, or for the gateway") {
    const auto site = ask(addressing::host, "romeo.http.example.org", "*", "OPTIONS");
    CHECK(site.what == route::kind::site);
    CHECK(site.target == "*");
    CHECK(ask(addressing::host, "http.example.org", "*", "OPTIONS").what == route::kind::server);
    CHECK(is_refused(ask(addressing::host, "romeo.http.example.org", "*"), refusal::malformed));
}

TEST_CASE("direct streams are opened at one address of the gateway's own host") {
    constexpr const char* path = "/.well-known/crosstalk";
    for (const auto how : {addressing::host, addressing::path, addressing::both}) {
        CHECK(ask(how, "http.example.org", path).what == route::kind::direct);
        CHECK(ask(how, "http.example.org", path, "POST").what == route::kind::direct);
        CHECK(ask(how, "example.org", path).what == route::kind::own_host);
        for (const char* other : {"/.well-known/crosstalk/", "/.well-known/crosstalk?a",
                                  "/.well-known/Crosstalk", "/.well-known/", "//.well-known/crosstalk"})
            CHECK(ask(how, "http.example.org", other).what != route::kind::direct);
    }
    CHECK(ask(addressing::host, "romeo.http.example.org", path).what == route::kind::site);
}

TEST_CASE("CONNECT and TRACE are not supported") {
    CHECK(is_refused(ask(addressing::host, "x", "romeo.http.example.org:443", "CONNECT"),
                     refusal::method_not_supported));
    CHECK(is_refused(ask(addressing::host, "romeo.http.example.org", "/", "TRACE"),
                     refusal::method_not_supported));
}

TEST_CASE("without Host a request is for the base") {
    const http::request_head head{"GET", "/romeo/", 0, {}};
    CHECK(find_route(head, settings_of(addressing::path)).name == "romeo");
    CHECK(is_refused(find_route(head, settings_of(addressing::host)), refusal::unknown_site));
}

TEST_CASE("base URLs") {
    const auto plain = parse_base_url("http://localhost:8000/");
    REQUIRE(plain);
    CHECK(plain->scheme == "http");
    CHECK(plain->authority.host == "localhost");
    CHECK(plain->authority.port == 8000);
    for (const char* url : {"", "localhost", "ftp://x", "http://", "http://x/y", "http://u@x", "//x"}) {
        CAPTURE(url);
        CHECK_FALSE(parse_base_url(url));
    }
}

TEST_CASE("the public address of a site") {
    CHECK(site_url(settings_of(addressing::host), "romeo") == "https://romeo.http.example.org/");
    CHECK(site_url(settings_of(addressing::both), "romeo") == "https://romeo.http.example.org/");
    CHECK(site_url(settings_of(addressing::path), "romeo") == "https://http.example.org/romeo/");
    CHECK(site_url(settings_of(addressing::host, "http://localhost:8000"), "a") ==
          "http://a.localhost:8000/");
}

}  // namespace crosstalk::gateway
