#include "cgi/environ.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace crosstalk;
using cgi::errc;
using cgi::make_environ;

namespace {

cgi::request_facts facts_for(std::string target, std::string script_name = "") {
    cgi::request_facts facts;
    facts.script_name = std::move(script_name);
    facts.target = std::move(target);
    facts.server_name = "romeo.http.example.org";
    facts.server_software = "CrossTalk/0";
    facts.remote_addr = "192.0.2.7";
    return facts;
}

http::request_head get(http::fields headers) { return {"GET", "", 1, std::move(headers)}; }

cgi::environ_map environ_of(http::fields headers) {
    auto made = make_environ(get(std::move(headers)), facts_for("/"));
    REQUIRE(made.has_value());
    return *made;
}

error_code error_of(http::fields headers) {
    return make_environ(get(std::move(headers)), facts_for("/")).error();
}
error_code error_of(std::string target, std::string script_name = "") {
    return make_environ(get({}), facts_for(std::move(target), std::move(script_name))).error();
}

std::string encoded(int byte) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    auto const b = static_cast<unsigned>(byte);
    return {'%', digits[b >> 4], digits[b & 15]};
}

}  // namespace

TEST_CASE("a request becomes exactly the variables of the specification") {
    http::request_head const head{"POST",
                                  "",
                                  0,
                                  {{"Host", "romeo.http.example.org:8080"},
                                   {"Content-Type", "text/plain"},
                                   {"Content-Length", "5"},
                                   {"Accept-Language", "de"},
                                   {"x-MIXED-case", "v"}}};
    auto facts = facts_for("/romeo/a%20b/c?d=%20e?f", "/romeo");
    facts.scheme = "https";
    facts.server_port = 443;
    facts.remote_port = 50'000;
    facts.auth_type = "XMPP";
    facts.remote_user = "juliet@capulet.example";
    facts.forwarded = {{"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-Proto", "https"}};
    auto const made = make_environ(head, facts);
    REQUIRE(made.has_value());
    CHECK(*made == cgi::environ_map{{"REQUEST_METHOD", "POST"},
                                    {"SCRIPT_NAME", "/romeo"},
                                    {"PATH_INFO", "/a b/c"},
                                    {"QUERY_STRING", "d=%20e?f"},
                                    {"REQUEST_URI", "/romeo/a%20b/c?d=%20e?f"},
                                    {"NON_QUERY_URI", "/romeo/a%20b/c"},
                                    {"SERVER_PROTOCOL", "HTTP/1.0"},
                                    {"SERVER_NAME", "romeo.http.example.org"},
                                    {"SERVER_PORT", "443"},
                                    {"SERVER_SOFTWARE", "CrossTalk/0"},
                                    {"GATEWAY_INTERFACE", "CGI/1.1"},
                                    {"wsgi.url_scheme", "https"},
                                    {"REMOTE_ADDR", "192.0.2.7"},
                                    {"REMOTE_PORT", "50000"},
                                    {"AUTH_TYPE", "XMPP"},
                                    {"REMOTE_USER", "juliet@capulet.example"},
                                    {"HTTP_HOST", "romeo.http.example.org:8080"},
                                    {"CONTENT_TYPE", "text/plain"},
                                    {"CONTENT_LENGTH", "5"},
                                    {"HTTP_ACCEPT_LANGUAGE", "de"},
                                    {"HTTP_X_MIXED_CASE", "v"},
                                    {"HTTP_X_FORWARDED_FOR", "198.51.100.1"},
                                    {"HTTP_X_FORWARDED_PROTO", "https"}});
}

TEST_CASE("what the gateway does not know is absent, but for the address that CGI demands") {
    auto const made = environ_of({});
    for (auto const name :
         {"CONTENT_TYPE", "CONTENT_LENGTH", "AUTH_TYPE", "REMOTE_USER", "REMOTE_PORT"})
        CHECK_MESSAGE(made.find(name) == nullptr, name);
    auto hidden = facts_for("/");
    hidden.remote_addr.clear();
    auto const nameless = make_environ(get({}), hidden);
    REQUIRE(nameless.has_value());
    REQUIRE(nameless->find("REMOTE_ADDR") != nullptr);
    CHECK(nameless->get("REMOTE_ADDR").empty());
}

TEST_CASE("every byte that a field's value may hold survives, the others are refused") {
    for (int byte = 0; byte < 256; ++byte) {
        std::string const value = std::string("a") + static_cast<char>(byte) + "z";
        bool const is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
        if (is_control)
            CHECK_MESSAGE(error_of({{"X-Bytes", value}}) == errc::bad_field_value, byte);
        else
            CHECK_MESSAGE(environ_of({{"X-Bytes", value}}).get("HTTP_X_BYTES") == value, byte);
    }
}

TEST_CASE("every encoded byte comes out of the path as itself, but for line ends") {
    for (int byte = 0; byte < 256; ++byte) {
        std::string const target = "/a" + encoded(byte) + "z";
        auto const made = make_environ(get({}), facts_for(target));
        if (byte == '\r' || byte == '\n') {
            CHECK(made.error() == errc::bad_field_value);
            continue;
        }
        REQUIRE_MESSAGE(made.has_value(), byte);
        CHECK(made->get("PATH_INFO") == std::string("/a") + static_cast<char>(byte) + "z");
        CHECK(made->get("REQUEST_URI") == target);
    }
}

TEST_CASE("repeats are joined, cookies by semicolon, in their order") {
    auto const made = environ_of({{"Accept", "a/b"},
                                  {"Cookie", "one=1"},
                                  {"accept", "c/d"},
                                  {"cookie", "two=2"},
                                  {"ACCEPT", ""}});
    CHECK(made.get("HTTP_ACCEPT") == "a/b, c/d, ");
    CHECK(made.get("HTTP_COOKIE") == "one=1; two=2");
}

TEST_CASE("fields that may come once are refused when repeated") {
    for (std::string const name : {"Host", "Content-Type", "Content-Length", "Authorization"})
        CHECK_MESSAGE(error_of({{name, "5"}, {name, "5"}}) == errc::repeated_field, name);
}

TEST_CASE("fields of one connection stay behind, and so does what Connection names") {
    auto const made = environ_of({{"Connection", "keep-alive, X-Private"},
                                  {"X-Private", "1"},
                                  {"Keep-Alive", "5"},
                                  {"TE", "trailers"},
                                  {"Trailer", "X-Sum"},
                                  {"Transfer-Encoding", "chunked"},
                                  {"Upgrade", "h2c"},
                                  {"HTTP2-Settings", "AA"},
                                  {"Proxy-Authorization", "Basic eDp5"},
                                  {"Proxy-Connection", "close"},
                                  {"Expect", "100-continue"}});
    for (cgi::variable const& v : made) CHECK_MESSAGE(!v.name.starts_with("HTTP_"), v.name);
}

TEST_CASE("Proxy, foreign names and the client's own Forwarded never cross") {
    auto const made = environ_of({{"Proxy", "http://evil.example/"},
                                  {"proxy", "http://evil.example/"},
                                  {"X_Under", "1"},
                                  {"X.Dot", "1"},
                                  {"X!", "1"},
                                  {"Content_Length", "9"},
                                  {"Forwarded", "for=10.0.0.1"},
                                  {"X-Forwarded-For", "10.0.0.1"},
                                  {"x-forwarded-anything", "1"},
                                  {"X-Real-Ip", "10.0.0.1"},
                                  {"X-Forward", "kept"}});
    CHECK(made.get("HTTP_X_FORWARD") == "kept");
    for (auto const name : {"HTTP_PROXY", "HTTP_X_UNDER", "HTTP_X.DOT", "HTTP_X!",
                            "HTTP_CONTENT_LENGTH", "CONTENT_LENGTH", "HTTP_FORWARDED",
                            "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_ANYTHING", "HTTP_X_REAL_IP"})
        CHECK_MESSAGE(made.find(name) == nullptr, name);
}

TEST_CASE("an upgrade to websocket crosses when the gateway says so") {
    auto facts = facts_for("/chat");
    facts.websocket = true;
    auto const made = make_environ(get({{"Connection", "keep-alive, Upgrade"},
                                        {"Upgrade", "websocket"},
                                        {"Sec-WebSocket-Version", "13"}}),
                                   facts);
    REQUIRE(made.has_value());
    CHECK(made->get("HTTP_UPGRADE") == "websocket");
    CHECK(made->get("HTTP_CONNECTION") == "Upgrade");
    CHECK(made->get("HTTP_SEC_WEBSOCKET_VERSION") == "13");
}

TEST_CASE("targets outside the site are not found") {
    for (auto const target : {"/", "/rome", "/romeox", "/Romeo/", "/%72omeo/", "/r%6fmeo", "//romeo/"})
        CHECK_MESSAGE(error_of(target, "/romeo") == errc::outside_site, target);
    CHECK(cgi::status_of(errc::outside_site) == 404);
    auto const bare = make_environ(get({}), facts_for("/romeo?x", "/romeo"));
    REQUIRE(bare.has_value());
    CHECK(bare->get("PATH_INFO").empty());
    CHECK(bare->get("QUERY_STRING") == "x");
}

TEST_CASE("dot segments are refused however they are written") {
    for (auto const target : {"/.", "/..", "/a/../b", "/%2e%2e/x", "/.%2E/x", "/a/%2e", "/a%2f..%2fb"})
        CHECK_MESSAGE(error_of(target) == errc::dot_segment, target);
    for (auto const target : {"/...", "/.well-known/x", "/a..", "/..a", "/a?x=/../"})
        CHECK_MESSAGE(make_environ(get({}), facts_for(target)).has_value(), target);
}

TEST_CASE("malformed targets and methods are bad requests") {
    for (auto const target :
         {"", "a", "?x", "*", "http://other.example/", "/a b", "/a#b", "/%", "/%4", "/%zz", "/\n"})
        CHECK_MESSAGE(error_of(target) == errc::bad_target, target);
    for (auto const method : {"", "GE T", "GET\r", "G(T"})
        CHECK_MESSAGE(make_environ({method, "", 1, {}}, facts_for("/")).error() == errc::bad_method,
                      method);
    CHECK(cgi::status_of(errc::bad_target) == 400);
}

TEST_CASE("OPTIONS of the whole server has an asterisk for its path") {
    auto const made = make_environ({"OPTIONS", "", 1, {}}, facts_for("*"));
    REQUIRE(made.has_value());
    for (auto const name : {"PATH_INFO", "REQUEST_URI", "NON_QUERY_URI"}) CHECK(made->get(name) == "*");
    CHECK(made->get("SCRIPT_NAME").empty());
}

TEST_CASE("a content length is digits within what JSON can count") {
    CHECK(environ_of({{"Content-Length", "9007199254740991"}}).get("CONTENT_LENGTH") ==
          "9007199254740991");
    for (auto const length :
         {"", "-1", "+1", "1a", "0x1", " 1", "9007199254740992", "99999999999999999999"})
        CHECK_MESSAGE(error_of({{"Content-Length", length}}) == errc::bad_content_length, length);
}
