// Heads of HTTP/2, read as those of HTTP/1.1 and written from them.
#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "http/http2_budget.hpp"
#include "http/http2_head.hpp"

using namespace crosstalk;
using namespace crosstalk::http;

namespace {

using list = std::vector<std::pair<std::string, std::string>>;

result<http2_request> read(const list& head, reader_limits limits = {}) {
    http2_head_reader reader(limits);
    for (const auto& [name, value] : head) reader.add(name, value);
    return reader.finish();
}

list get_with(const list& more) {
    list head{{":method", "GET"}, {":scheme", "https"}, {":authority", "a.example:8443"}, {":path", "/p?q=1"}};
    head.insert(head.end(), more.begin(), more.end());
    return head;
}

error_code error_of(const list& head, reader_limits limits = {}) { return read(head, limits).error(); }

}  // namespace

TEST_CASE("a request becomes that of HTTP/1.1") {
    const auto got = read(get_with({{"accept", "*/*"}, {"cookie", "a=b"}, {"cookie", "c=d"}}));
    REQUIRE(got.has_value());
    CHECK(got->head.method == "GET");
    CHECK(got->head.target == "/p?q=1");
    CHECK(got->head.version_minor == 1);
    CHECK(got->head.headers.get("Host") == "a.example:8443");
    CHECK(got->head.headers.get("Accept") == "*/*");
    CHECK(got->head.headers.count("Cookie") == 2);
    CHECK(!got->length);
    CHECK(!got->is_websocket);
}

TEST_CASE("length and expectation are known") {
    const auto got = read(get_with({{"content-length", "12"}, {"expect", "100-continue"}}));
    REQUIRE(got.has_value());
    CHECK(got->length == 12u);
    CHECK(got->expects_continue);
}

TEST_CASE("the host is the authority, or stands for it, and never differs") {
    CHECK(read(get_with({{"host", "A.example:8443"}})).has_value());
    CHECK(error_of(get_with({{"host", "b.example"}})) == errc::bad_host);
    const auto by_host = read({{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {"host", "a"}});
    REQUIRE(by_host.has_value());
    CHECK(by_host->head.headers.get("host") == "a");
    CHECK(error_of({{":method", "GET"}, {":path", "/"}}) == errc::missing_host);
    CHECK(error_of({{":method", "GET"}, {":path", "/"}, {":authority", "u@a"}}) == errc::bad_host);
}

TEST_CASE("what HTTP/1.1 refuses is refused") {
    CHECK(error_of(get_with({{"content-type", "a"}, {"content-type", "b"}})) == errc::doubled_field);
    CHECK(error_of(get_with({{"content-length", "+1"}})) == errc::bad_content_length);
    CHECK(error_of(get_with({{"transfer-encoding", "chunked"}})) == errc::bad_transfer_encoding);
    CHECK(error_of(get_with({{"x y", "1"}})) == errc::bad_field_name);
    CHECK(error_of(get_with({{"x", "a\r\nb"}})) == errc::bad_field_value);
    CHECK(error_of({{":method", "G T"}, {":authority", "a"}, {":path", "/"}}));
    CHECK(error_of({{":method", "GET"}, {":authority", "a"}, {":path", "/a b"}}));
    CHECK(error_of({{":method", "GET"}, {":authority", "a"}, {":path", "/\xc3\xa4"}}) == errc::bad_target);
    CHECK(error_of({{":authority", "a"}, {":path", "/"}}));
    CHECK(error_of({{":method", std::string(40, 'A')}, {":authority", "a"}, {":path", "/"}}) ==
          errc::method_too_long);
}

TEST_CASE("each limit has its error") {
    const reader_limits limits{20, 200, 3};
    CHECK(read(get_with({}), limits).has_value());
    CHECK(error_of({{":method", "GET"}, {":authority", "a"}, {":path", "/" + std::string(20, 'p')}}, limits) ==
          errc::uri_too_long);
    CHECK(error_of(get_with({{"x", std::string(200, 'y')}}), limits) == errc::head_too_large);
    CHECK(error_of(get_with({{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}}), limits) == errc::too_many_fields);
    http2_head_reader reader(limits);
    for (int i = 0; i < 100 && !reader.is_flooded(); ++i) reader.add("x", std::string(100, 'y'));
    CHECK(reader.is_flooded());
}

TEST_CASE("CONNECT is for WebSockets alone, which become the upgrade that they stand for") {
    const list opening{{":method", "CONNECT"}, {":protocol", "websocket"}, {":scheme", "https"},
                       {":authority", "a"},    {":path", "/chat"},         {"sec-websocket-version", "13"},
                       {"sec-websocket-key", "x"}};
    const auto got = read(opening);
    REQUIRE(got.has_value());
    CHECK(got->is_websocket);
    CHECK(got->head.method == "GET");
    CHECK(got->head.target == "/chat");
    CHECK(got->head.headers.get("Upgrade") == "websocket");
    CHECK(got->head.headers.get("Connection") == "Upgrade");
    CHECK(got->head.headers.find("Sec-WebSocket-Key") == nullptr);
    auto other = opening;
    other[1].second = "connect-udp";
    CHECK(error_of(other) == errc::unknown_protocol);
    CHECK(status_of(errc::unknown_protocol) == 501);
    const auto plain = read({{":method", "CONNECT"}, {":authority", "a:443"}});
    REQUIRE(plain.has_value());
    CHECK(plain->head.method == "CONNECT");
    CHECK(plain->head.target == "a:443");
}

TEST_CASE("a response has its status first, names in lower case and nothing of the connection") {
    response_head head;
    head.status = 404;
    head.headers = {{"Content-Type", "a"}, {"Connection", "close"}, {"Keep-Alive", "x"}, {"X-Odd", " padded\t"}};
    CHECK(http2_fields(head) == std::vector<field>{{":status", "404"}, {"content-type", "a"}, {"x-odd", "padded"}});
    head.status = 101;
    head.headers = {{"Upgrade", "websocket"}, {"Sec-WebSocket-Accept", "x"}, {"Sec-WebSocket-Protocol", "chat"}};
    CHECK(http2_fields(head) == std::vector<field>{{":status", "200"}, {"sec-websocket-protocol", "chat"}});
}

TEST_CASE("a budget can be overdrawn at once or little by little, and is earned back by time and work") {
    using namespace std::chrono_literals;
    const base::time_point start{};
    http2_budget at_once(start);
    CHECK(at_once.spend(http2_budget::most, start));
    CHECK(!at_once.spend(1, start));
    http2_budget slow(start);
    CHECK(slow.spend(http2_budget::most, start));
    CHECK(slow.spend(http2_budget::per_second, start + 1s));
    CHECK(!slow.spend(1, start + 1s));
    http2_budget working(start);
    bool holds = true;
    for (int i = 0; i < 10'000; ++i) {
        holds = holds && working.spend(1, start);
        working.earn(1);
    }
    CHECK(holds);
    working.earn(1e9);
    CHECK(!working.spend(http2_budget::most + 1, start));
}
