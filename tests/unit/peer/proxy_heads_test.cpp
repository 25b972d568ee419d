#include "peer/proxy_heads.hpp"

#include <doctest/doctest.h>

#include "http/writer.hpp"

using namespace crosstalk;
using peer::app_request;
using peer::http_target;
using peer::visitor_response;

namespace {

http_target local_app() {
    http_target app;
    app.host = "127.0.0.1";
    app.port = 3000;
    return app;
}

cgi::incoming_request some_request() {
    cgi::incoming_request r;
    r.method = "GET";
    r.target = "/a?b=c";
    r.path_info = "/a";
    r.query = "b=c";
    r.scheme = "https";
    r.remote_addr = "192.0.2.7";
    r.headers = {{"Host", "romeo.example.org"}, {"Accept", "*/*"}};
    return r;
}

std::string field(const http::fields& headers, std::string_view name) {
    const auto* value = headers.find(name);
    return value != nullptr ? *value : "(none)";
}

std::string mapped(const std::string& name, const std::string& value, const cgi::incoming_request& r,
                   const http_target& app) {
    http::response_head head;
    head.headers = {{name, value}};
    const auto start = visitor_response(head, r, app);
    REQUIRE(start.has_value());
    return field(start->headers, name);
}

}  // namespace

TEST_CASE("Host stays, and the visitor is told of in every usual way") {
    const auto head = app_request(some_request(), local_app(), {});
    CHECK(head.target == "/a?b=c");
    CHECK(field(head.headers, "Host") == "romeo.example.org");
    CHECK(field(head.headers, "Forwarded") == "for=192.0.2.7;host=\"romeo.example.org\";proto=https");
    CHECK(field(head.headers, "X-Forwarded-For") == "192.0.2.7");
    CHECK(field(head.headers, "X-Forwarded-Proto") == "https");
    CHECK(field(head.headers, "X-Forwarded-Host") == "romeo.example.org");
    CHECK(http::is_safe(head));
}

TEST_CASE("Via names us once, behind those that came before") {
    auto r = some_request();
    CHECK(field(app_request(r, local_app(), {}).headers, "Via") == "1.1 crosstalk");
    r.version_minor = 0;
    r.headers.add("Via", "1.1 first");
    r.headers.add("via", "2 second (a, b)");
    const auto head = app_request(r, local_app(), {});
    CHECK(head.headers.count("Via") == 1);
    CHECK(field(head.headers, "Via") == "1.1 first, 2 second (a, b), 1.0 crosstalk");
    http::response_head answer;
    answer.headers = {{"Via", "1.1 theirs"}};
    CHECK(visitor_response(answer, r, local_app())->headers == http::fields{{"Via", "1.1 theirs"}});
}

TEST_CASE("an IPv6 visitor is quoted, an unknown one is unknown") {
    auto r = some_request();
    r.remote_addr = "2001:db8::1";
    CHECK(field(app_request(r, local_app(), {}).headers, "Forwarded")
              .starts_with("for=\"[2001:db8::1]\";"));
    for (const std::string odd : {"", "x\";for=1", "host name"}) {
        r.remote_addr = odd;
        const auto head = app_request(r, local_app(), {});
        CHECK(field(head.headers, "Forwarded").starts_with("for=unknown;"));
        CHECK(head.headers.count("X-Forwarded-For") == 0);
    }
}

TEST_CASE("what the gateway passes on of a proxy in front of it stays as it is") {
    auto r = some_request();
    r.headers.add("X-Forwarded-For", "198.51.100.1, 192.0.2.7");
    CHECK(field(app_request(r, local_app(), {}).headers, "X-Forwarded-For") ==
          "198.51.100.1, 192.0.2.7");
}

TEST_CASE("Remote-User is the gateway's word or absent, in any spelling") {
    auto r = some_request();
    for (const std::string name : {"Remote-User", "remote_user", "REMOTE-USER", "Remote_User"}) {
        r.headers.add(name, "admin");
    }
    auto head = app_request(r, local_app(), {});
    for (const auto& f : head.headers) CHECK(f.value != "admin");
    r.remote_user = "juliet@capulet.example";
    head = app_request(r, local_app(), {});
    CHECK(head.headers.count("Remote-User") == 1);
    CHECK(field(head.headers, "Remote-User") == "juliet@capulet.example");
}

TEST_CASE("the framing is ours, and nothing of one connection passes") {
    auto r = some_request();
    for (const char* name : {"Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "TE",
                             "Keep-Alive", "Proxy", "Proxy-Authorization"}) {
        r.headers.add(name, "bad");
    }
    r.headers.add("Connection", "x-private");
    r.headers.add("X-Private", "bad");
    auto head = app_request(r, local_app(), {});
    for (const auto& f : head.headers) CHECK(f.value != "bad");
    CHECK(head.headers.count("Connection") == 0);
    head = app_request(r, local_app(), {42, false});
    CHECK(field(head.headers, "Content-Length") == "42");
    CHECK(head.headers.count("Transfer-Encoding") == 0);
    head = app_request(r, local_app(), {std::nullopt, true});
    CHECK(field(head.headers, "Transfer-Encoding") == "chunked");
    CHECK(head.headers.count("Content-Length") == 0);
}

TEST_CASE("the app sees paths below its own base") {
    auto r = some_request();
    r.script_name = "/romeo";
    r.target = "/romeo/x%2Fy?z";
    auto app = local_app();
    CHECK(app_request(r, app, {}).target == "/x%2Fy?z");
    app.base_path = "/app";
    CHECK(app_request(r, app, {}).target == "/app/x%2Fy?z");
    r.target = "/romeo?z";
    CHECK(app_request(r, app, {}).target == "/app/?z");
    r.script_name = "";
    r.target = "*";
    r.method = "OPTIONS";
    CHECK(app_request(r, app, {}).target == "*");
}

TEST_CASE("redirections come back to the visitor's side") {
    auto r = some_request();
    auto app = local_app();
    CHECK(mapped("Location", "/login?next=/", r, app) == "/login?next=/");
    CHECK(mapped("Location", "http://127.0.0.1:3000/login", r, app) == "/login");
    CHECK(mapped("Location", "http://127.0.0.1:3000", r, app) == "/");
    CHECK(mapped("Location", "http://127.0.0.1:3000?x", r, app) == "/?x");
    CHECK(mapped("Content-Location", "HTTP://127.0.0.1:3000/x", r, app) == "/x");
    // The app takes Host for its name: under its own scheme, and under the visitor's.
    CHECK(mapped("Location", "http://romeo.example.org/x", r, app) == "/x");
    CHECK(mapped("Location", "https://romeo.example.org/x", r, app) == "/x");
    r.script_name = "/romeo";
    CHECK(mapped("Location", "/login", r, app) == "/romeo/login");
    CHECK(mapped("Location", "http://127.0.0.1:3000/login#top", r, app) == "/romeo/login#top");
    app.base_path = "/app";
    CHECK(mapped("Location", "/app/login", r, app) == "/romeo/login");
    CHECK(mapped("Location", "/app", r, app) == "/romeo/");
    CHECK(mapped("Location", "/application", r, app) == "/application");
}

TEST_CASE("addresses that are not the app's pass as they are") {
    auto r = some_request();
    const auto app = local_app();
    for (const std::string elsewhere :
         {"https://other.example/", "http://127.0.0.1:3001/", "https://127.0.0.1:3000/",
          "//cdn.example/x", "next", "?page=2", "", "mailto:romeo@montague.example", "http://",
          "http://[/", "ftp://127.0.0.1:3000/"}) {
        CAPTURE(elsewhere);
        CHECK(mapped("Location", elsewhere, r, app) == elsewhere);
    }
    // A redirection to https is meant: taken away it would repeat for ever.
    r.scheme = "http";
    CHECK(mapped("Location", "https://romeo.example.org/x", r, app) == "https://romeo.example.org/x");
}

TEST_CASE("a mapped path never names another host") {
    CHECK(mapped("Location", "http://127.0.0.1:3000//evil.example/", some_request(), local_app()) ==
          "/.//evil.example/");
}

TEST_CASE("cookie paths get the visitor's prefix") {
    auto r = some_request();
    r.script_name = "/romeo";
    auto app = local_app();
    CHECK(mapped("Set-Cookie", "a=b; Path=/; HttpOnly", r, app) == "a=b; Path=/romeo/; HttpOnly");
    CHECK(mapped("Set-Cookie", "a=b;path = /x;Secure", r, app) == "a=b; Path=/romeo/x;Secure");
    CHECK(mapped("Set-Cookie", "a=Path=/; Max-Age=1", r, app) == "a=Path=/; Max-Age=1");
    CHECK(mapped("Set-Cookie", "Path=/x", r, app) == "Path=/x");
    CHECK(mapped("Set-Cookie", "a=b; Path", r, app) == "a=b; Path");
    CHECK(mapped("Set-Cookie", "a=b;", r, app) == "a=b;");
    CHECK(mapped("Set-Cookie", "", r, app) == "");
    app.base_path = "/app";
    CHECK(mapped("Set-Cookie", "a=b; Path=/app/x", r, app) == "a=b; Path=/romeo/x");
}

TEST_CASE("the answer keeps order and repeats, and loses what is hop-by-hop") {
    http::response_head head;
    head.status = 404;
    head.headers = {{"Set-Cookie", "a=1"},          {"X-A", "\xff\x80"},
                    {"Connection", "close, X-Hop"}, {"X-Hop", "1"},
                    {"Set-Cookie", "b=2"},          {"Transfer-Encoding", "chunked"},
                    {"Keep-Alive", "timeout=5"},    {"Content-Length", "12"}};
    const auto start = visitor_response(head, some_request(), local_app());
    REQUIRE(start.has_value());
    CHECK(start->status == 404);
    const http::fields expected{
        {"Set-Cookie", "a=1"}, {"X-A", "\xff\x80"}, {"Set-Cookie", "b=2"}, {"Content-Length", "12"}};
    CHECK(start->headers == expected);
}

TEST_CASE("statuses that no visitor may get are refused") {
    for (const unsigned status : {100u, 101u, 103u, 199u, 600u, 999u}) {
        http::response_head head;
        head.status = status;
        CHECK_FALSE(visitor_response(head, some_request(), local_app()).has_value());
    }
}

TEST_CASE("apps are named as they are reached") {
    auto app = local_app();
    CHECK(peer::name_of(app) == "http://127.0.0.1:3000");
    app.port = 80;
    CHECK(peer::name_of(app) == "http://127.0.0.1");
    app.tls = true;
    app.port = 443;
    app.host = "::1";
    CHECK(peer::name_of(app) == "https://[::1]");
    http_target socket;
    socket.unix_path = "/run/app.sock";
    CHECK(peer::name_of(socket) == "unix:/run/app.sock");
    auto r = some_request();
    r.headers.clear();
    CHECK(field(app_request(r, socket, {}).headers, "Host") == "localhost");
}
