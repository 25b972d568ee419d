#include "cgi/incoming.hpp"

#include <doctest/doctest.h>

#include <string>

#include "cgi/environ.hpp"

using namespace crosstalk;
using cgi::environ_map;
using cgi::errc;
using cgi::sender;

namespace {

environ_map plain() {
    return {{"REQUEST_METHOD", "GET"},
            {"SCRIPT_NAME", "/romeo"},
            {"PATH_INFO", "/a b"},
            {"QUERY_STRING", "x=%20"},
            {"REQUEST_URI", "/romeo/a%20b?x=%20"},
            {"NON_QUERY_URI", "/romeo/a%20b"},
            {"SERVER_PROTOCOL", "HTTP/1.1"},
            {"SERVER_NAME", "http.example.org"},
            {"SERVER_PORT", "443"},
            {"SERVER_SOFTWARE", "CrossTalk/0"},
            {"GATEWAY_INTERFACE", "CGI/1.1"},
            {"wsgi.url_scheme", "https"},
            {"REMOTE_ADDR", "192.0.2.7"},
            {"REMOTE_PORT", "50000"},
            {"AUTH_TYPE", "Basic"},
            {"REMOTE_USER", "juliet@capulet.example"},
            {"HTTP_HOST", "http.example.org"}};
}

environ_map with(std::string_view name, std::string value) {
    environ_map map = plain();
    map.set(name, std::move(value));
    return map;
}

environ_map without(std::string_view name) {
    environ_map map = plain();
    map.erase(name);
    return map;
}

auto read(environ_map const& map, sender who = sender::gateway) {
    return cgi::read_incoming(map, who, "mercutio@verona.example/pda");
}

error_code error_with(std::string_view name, std::string value) {
    return read(with(name, std::move(value))).error();
}

}  // namespace

TEST_CASE("a request object comes back as the request it was made of") {
    auto const request = read(plain());
    REQUIRE(request.has_value());
    CHECK(request->method == "GET");
    CHECK(request->target == "/romeo/a%20b?x=%20");
    CHECK(request->script_name == "/romeo");
    CHECK(request->path_info == "/a b");
    CHECK(request->query == "x=%20");
    CHECK(request->version_minor == 1);
    CHECK(request->headers == http::fields{{"Host", "http.example.org"}});
    CHECK_FALSE(request->content_length.has_value());
    CHECK_FALSE(request->websocket);
    CHECK(request->auth_type == "Basic");
    CHECK(request->remote_user == "juliet@capulet.example");
    CHECK(request->remote_addr == "192.0.2.7");
    CHECK(request->remote_port == "50000");
    CHECK(request->server_name == "http.example.org");
    CHECK(request->server_port == "443");
    CHECK(request->server_software == "CrossTalk/0");
    CHECK(request->scheme == "https");
}

TEST_CASE("what only a gateway can know is not believed from anyone else") {
    environ_map map = plain();
    map.set("HTTP_FORWARDED", "for=10.0.0.1");
    map.set("HTTP_X_FORWARDED_FOR", "10.0.0.1");
    auto const stranger = read(map, sender::anyone);
    REQUIRE(stranger.has_value());
    CHECK(stranger->auth_type == "XMPP");
    CHECK(stranger->remote_user == "mercutio@verona.example");
    CHECK(stranger->remote_addr.empty());
    CHECK(stranger->remote_port.empty());
    CHECK(stranger->server_name.empty());
    CHECK(stranger->scheme.empty());
    CHECK(stranger->headers == http::fields{{"Host", "http.example.org"}});
    auto const gateway = read(map, sender::gateway);
    REQUIRE(gateway.has_value());
    CHECK(gateway->headers.count("X-Forwarded-For") == 1);
    CHECK(gateway->headers.count("Forwarded") == 1);
}

TEST_CASE("variables that would run code, and all others that nobody named, are dropped") {
    environ_map map = plain();
    for (auto const name : {"PHP_VALUE",
                            "PHP_ADMIN_VALUE",
                            "BASH_ENV",
                            "LD_PRELOAD",
                            "PATH",
                            "SCRIPT_FILENAME",
                            "DOCUMENT_ROOT",
                            "HTTP_PROXY",
                            "HTTP_CONTENT_LENGTH",
                            "HTTP_CONTENT_TYPE",
                            "HTTP_TRANSFER_ENCODING",
                            "HTTP_CONNECTION",
                            "HTTP_KEEP_ALIVE",
                            "HTTP_TE",
                            "HTTP_TRAILER",
                            "HTTP_UPGRADE",
                            "HTTP_EXPECT",
                            "HTTP_HTTP2_SETTINGS",
                            "HTTP_PROXY_AUTHORIZATION",
                            "HTTP_",
                            "HTTP_a",
                            "HTTP_X-Y",
                            "HTTP_X Y",
                            "HTTP_X\r\nY",
                            "http_x",
                            "",
                            "HTTP_\xc3\x89",
                            "PYTHONPATH"})
        map.set(name, "() { :;}; echo");
    auto const request = read(map);
    REQUIRE(request.has_value());
    CHECK(request->headers == http::fields{{"Host", "http.example.org"}});
    CHECK_FALSE(request->content_length.has_value());
}

TEST_CASE("names of fields come back as people write them") {
    environ_map map = plain();
    map.set("HTTP_ACCEPT_LANGUAGE", "de");
    map.set("HTTP_X_1A_B", "v");
    map.set("CONTENT_TYPE", "text/plain");
    auto const request = read(map);
    REQUIRE(request.has_value());
    CHECK(request->headers == http::fields{{"Host", "http.example.org"},
                                           {"Accept-Language", "de"},
                                           {"X-1a-B", "v"},
                                           {"Content-Type", "text/plain"}});
}

TEST_CASE("every byte that a field's value may hold survives, the others are refused") {
    for (int byte = 0; byte < 256; ++byte) {
        std::string const value = std::string("a") + static_cast<char>(byte) + "z";
        bool const is_control = (byte < 0x20 && byte != '\t') || byte == 0x7f;
        auto const request = read(with("HTTP_X", value));
        if (is_control) {
            CHECK_MESSAGE(request.error() == errc::bad_field_value, byte);
        } else {
            REQUIRE_MESSAGE(request.has_value(), byte);
            CHECK(*request->headers.find("X") == value);
        }
    }
}

TEST_CASE("line ends are refused in every value that is used") {
    for (auto const name : {"CONTENT_TYPE", "AUTH_TYPE", "REMOTE_USER", "REMOTE_ADDR", "REMOTE_PORT",
                            "SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE"})
        for (char const end : {'\r', '\n', '\0'})
            CHECK_MESSAGE(error_with(name, std::string("a") + end + "b") == errc::bad_field_value,
                          name);
    for (auto const* const end : {"%0a", "%0D"}) {
        environ_map map = plain();
        map.set("REQUEST_URI", std::string("/romeo/") + end);
        map.set("NON_QUERY_URI", std::string("/romeo/") + end);
        map.set("PATH_INFO", end[2] == 'a' ? "/\n" : "/\r");
        map.set("QUERY_STRING", "");
        CHECK(read(map).error() == errc::bad_field_value);
    }
}

TEST_CASE("URI, path and query have to tell the same story") {
    for (auto const& [name, value] : {std::pair{"PATH_INFO", "/a"},
                                      {"PATH_INFO", "/a%20b"},
                                      {"PATH_INFO", ""},
                                      {"PATH_INFO", "/../../etc/passwd"},
                                      {"NON_QUERY_URI", "/romeo/other"},
                                      {"NON_QUERY_URI", "/romeo/a b"},
                                      {"QUERY_STRING", "x= "},
                                      {"QUERY_STRING", ""}})
        CHECK_MESSAGE(error_with(name, value) == errc::inconsistent_target, name);
    for (auto const name : {"PATH_INFO", "NON_QUERY_URI", "QUERY_STRING"})
        CHECK_MESSAGE(read(without(name)).error() == errc::inconsistent_target, name);
    CHECK(error_with("SCRIPT_NAME", "") == errc::inconsistent_target);
    CHECK(error_with("SCRIPT_NAME", "/juliet") == errc::outside_site);
    CHECK(error_with("SCRIPT_NAME", "/rom") == errc::outside_site);
    CHECK(error_with("REQUEST_URI", "/juliet/a%20b?x=%20") == errc::outside_site);
}

TEST_CASE("a prefix that is encoded, relative or ends in a slash is none") {
    environ_map encoded = plain();
    encoded.set("SCRIPT_NAME", "/r%6fmeo");
    encoded.set("REQUEST_URI", "/r%6fmeo/a%20b?x=%20");
    encoded.set("NON_QUERY_URI", "/r%6fmeo/a%20b");
    CHECK(read(encoded).error() == errc::inconsistent_target);
    environ_map slash = plain();
    slash.set("SCRIPT_NAME", "/");
    slash.set("REQUEST_URI", "//x");
    slash.set("NON_QUERY_URI", "//x");
    slash.set("PATH_INFO", "/x");
    slash.set("QUERY_STRING", "");
    CHECK(read(slash).error() == errc::inconsistent_target);
}

TEST_CASE("dot segments and broken targets are refused whatever else agrees") {
    for (auto const& [raw, decoded] :
         {std::pair{"/romeo/../x", "/../x"}, {"/romeo/%2e%2e/x", "/../x"}}) {
        environ_map map = plain();
        map.set("REQUEST_URI", raw);
        map.set("NON_QUERY_URI", raw);
        map.set("PATH_INFO", decoded);
        map.set("QUERY_STRING", "");
        CHECK_MESSAGE(read(map).error() == errc::dot_segment, raw);
    }
    for (auto const target :
         {"", "romeo", "http://http.example.org/romeo/", "*", "/romeo/%zz", "/romeo/\r\n", "/romeo/#"})
        CHECK_MESSAGE(error_with("REQUEST_URI", target) == errc::bad_target, target);
}

TEST_CASE("methods are tokens, lengths digits, protocols HTTP/1") {
    for (auto const method : {"", "GE T", "GET /", "GET\n"}) {
        CHECK(error_with("REQUEST_METHOD", method) == errc::bad_method);
    }
    CHECK(read(without("REQUEST_METHOD")).error() == errc::bad_method);
    for (auto const length : {"", "-1", "1 ", "9007199254740992"})
        CHECK_MESSAGE(error_with("CONTENT_LENGTH", length) == errc::bad_content_length, length);
    auto const request = read(with("CONTENT_LENGTH", "12"));
    REQUIRE(request.has_value());
    CHECK(request->content_length == 12);
    CHECK(request->headers.count("Content-Length") == 0);
    for (auto const protocol : {"", "HTTP/2", "INCLUDED", "HTTP/1.1 "})
        CHECK_MESSAGE(error_with("SERVER_PROTOCOL", protocol) == errc::bad_protocol, protocol);
    CHECK(read(with("SERVER_PROTOCOL", "HTTP/1.0"))->version_minor == 0);
}

TEST_CASE("an upgrade to websocket is told apart from any other") {
    environ_map map = plain();
    map.set("HTTP_UPGRADE", "websocket");
    map.set("HTTP_CONNECTION", "Upgrade");
    auto const request = read(map);
    REQUIRE(request.has_value());
    CHECK(request->websocket);
    CHECK(request->headers == http::fields{{"Host", "http.example.org"}});
    map.set("HTTP_UPGRADE", "h2c");
    CHECK_FALSE(read(map)->websocket);
}

TEST_CASE("a scheme that is neither http nor https is nobody's") {
    CHECK(read(with("wsgi.url_scheme", "javascript"))->scheme.empty());
    CHECK(read(with("wsgi.url_scheme", "http"))->scheme == "http");
}

TEST_CASE("what a gateway makes, a peer takes") {
    for (auto const* const script_name : {"", "/romeo"}) {
        for (int byte = 0; byte < 256; ++byte) {
            if (byte == '\r' || byte == '\n') continue;
            constexpr std::string_view digits = "0123456789abcdef";
            auto const b = static_cast<unsigned>(byte);
            cgi::request_facts facts;
            facts.script_name = script_name;
            facts.target = std::string(script_name) + "/x%" + digits[b >> 4] + digits[b & 15] + "?%00";
            auto const made =
                cgi::make_environ({"GET", "", 1, {{"Host", "h"}, {"Cookie", "a=b"}}}, facts);
            REQUIRE(made.has_value());
            auto const request = read(*made);
            REQUIRE_MESSAGE(request.has_value(), byte);
            CHECK(request->target == facts.target);
            CHECK(request->path_info == std::string("/x") + static_cast<char>(byte));
            CHECK(request->headers == http::fields{{"Host", "h"}, {"Cookie", "a=b"}});
        }
    }
    cgi::request_facts facts;
    facts.target = "*";
    auto const made = cgi::make_environ({"OPTIONS", "", 1, {}}, facts);
    REQUIRE(made.has_value());
    auto const request = read(*made);
    REQUIRE(request.has_value());
    CHECK(request->path_info == "*");
}

TEST_CASE("a WebSocket is opened by a GET of HTTP/1.1 without a body, and by nothing else") {
    const auto opens = [](std::initializer_list<std::pair<const char*, const char*>> more) {
        environ_map map = plain();
        map.set("HTTP_UPGRADE", "websocket");
        map.set("HTTP_CONNECTION", "keep-alive, Upgrade");
        for (const auto& [name, value] : more) map.set(name, value);
        auto const request = read(map, sender::anyone);
        REQUIRE(request.has_value());
        return request->websocket;
    };
    CHECK(opens({}));
    CHECK(opens({{"CONTENT_LENGTH", "0"}}));
    CHECK_FALSE(opens({{"CONTENT_LENGTH", "1"}}));
    CHECK_FALSE(opens({{"REQUEST_METHOD", "POST"}}));
    CHECK_FALSE(opens({{"SERVER_PROTOCOL", "HTTP/1.0"}}));
    CHECK_FALSE(opens({{"HTTP_UPGRADE", "h2c"}}));
    CHECK_FALSE(opens({{"HTTP_CONNECTION", "keep-alive"}}));
}
