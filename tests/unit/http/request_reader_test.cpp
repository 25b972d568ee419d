// Requests that are right, and how they are told apart on one connection.
#include <doctest/doctest.h>

#include "read_both_ways.hpp"

using namespace crosstalk::http;
using namespace crosstalk::http::testing;

namespace {

/// The bytes 0x00 to 0xFF that may stand inside a field value.
std::string all_value_bytes() {
    std::string bytes = "x\t";
    for (unsigned c = 0x20; c < 0x100; ++c) {
        if (c != 0x7F) bytes += static_cast<char>(c);
    }
    return bytes;
}

}  // namespace

TEST_CASE("a request without a body is a head and an end") {
    const auto seen =
        read_both_ways("GET /a?b=c HTTP/1.1\r\nHost: example.org\r\nX-A:  b c \t\r\n\r\n");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 1);
    const auto& message = seen.messages[0];
    CHECK(message.start_line == "GET /a?b=c 1");
    CHECK(message.headers == fields{{"Host", "example.org"}, {"X-A", "b c"}});
    CHECK(message.body == body_kind::none);
    CHECK(!message.length);
    CHECK(message.keep_alive);
    CHECK(message.is_complete);
    CHECK(seen.is_idle);
}

TEST_CASE("a body of known length is handed over as it comes, and no more of it") {
    const auto seen = read_both_ways(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world"
        "GET /next HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 2);
    CHECK(seen.messages[0].body == body_kind::length);
    CHECK(seen.messages[0].length == 11);
    CHECK(seen.messages[0].bytes == "hello world");
    CHECK(seen.messages[1].start_line == "GET /next 1");
}

TEST_CASE("a body is a view into the input, not a copy") {
    reader r(reader::role::request);
    const std::string head = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n";
    const auto first = r.advance(head);
    REQUIRE(first.has_value());
    CHECK(first->kind == step_kind::head);
    CHECK(first->consumed == head.size());
    const std::string body = "abcdrest";
    const auto second = r.advance(body);
    REQUIRE(second.has_value());
    CHECK(second->kind == step_kind::data);
    CHECK(second->data.data() == body.data());
    CHECK(second->consumed == 4);
    CHECK(r.advance({})->kind == step_kind::end);
    CHECK(r.advance({})->kind == step_kind::end);
}

TEST_CASE("an empty body of known length is known to be empty") {
    const auto seen = read_both_ways("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(seen.messages.size() == 1);
    CHECK(seen.messages[0].body == body_kind::none);
    CHECK(seen.messages[0].length == 0);
    CHECK(seen.messages[0].is_complete);
}

TEST_CASE("a chunked body is joined, its extensions and trailers are dropped") {
    const auto seen = read_both_ways(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "5\r\nhello\r\n"
        "0006;a=b ; c=\"d;\\\"e\";f\r\n world\r\n"
        "A\r\n0123456789\r\n"
        "000;last\r\nX-Checksum: 1\r\nHost: evil\r\nContent-Length: 9\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: b\r\n\r\n");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 2);
    CHECK(seen.messages[0].body == body_kind::chunked);
    CHECK(seen.messages[0].bytes == "hello world0123456789");
    CHECK(seen.messages[0].headers.size() == 2);
    CHECK(seen.messages[1].headers == fields{{"Host", "b"}});
}

TEST_CASE("pipelined requests come one after the other") {
    std::string stream;
    for (int i = 0; i < 50; ++i) stream += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
    const auto seen = read_both_ways(stream);
    REQUIRE(seen.messages.size() == 50);
    CHECK(seen.messages[49].start_line == "GET /49 1");
}

TEST_CASE("whether the connection stays open is told by version and Connection") {
    const auto keeps = [](std::string version, std::string connection) {
        const auto seen =
            read_both_ways("GET / HTTP/" + version + "\r\nHost: a\r\n" + connection + "\r\n");
        REQUIRE(seen.messages.size() == 1);
        return seen.messages[0].keep_alive;
    };
    CHECK(keeps("1.1", ""));
    CHECK(!keeps("1.1", "Connection: close\r\n"));
    CHECK(!keeps("1.1", "Connection: foo,\tCLOSE\r\n"));
    CHECK(!keeps("1.1", "Connection: foo\r\nConnection: close\r\n"));
    CHECK(keeps("1.1", "Connection: closed\r\n"));
    CHECK(!keeps("1.0", ""));
    CHECK(keeps("1.0", "Connection: Keep-Alive\r\n"));
    CHECK(!keeps("1.0", "Connection: keep-alive, close\r\n"));
}

TEST_CASE("100-continue is expected only by HTTP/1.1 with a body") {
    const auto expects = [](std::string version, std::string rest) {
        const auto seen =
            read_both_ways("PUT / HTTP/" + version + "\r\nHost: a\r\nExpect: 100-Continue\r\n" + rest);
        REQUIRE(seen.messages.size() == 1);
        return seen.messages[0].expects_continue;
    };
    CHECK(expects("1.1", "Content-Length: 1\r\n\r\nx"));
    CHECK(expects("1.1", "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"));
    CHECK(!expects("1.1", "Content-Length: 0\r\n\r\n"));
    CHECK(!expects("1.1", "\r\n"));
    CHECK(!expects("1.0", "Content-Length: 1\r\n\r\nx"));
}

TEST_CASE("HTTP/1.0 needs no Host") {
    const auto seen = read_both_ways("GET / HTTP/1.0\r\n\r\n");
    REQUIRE(!seen.error);
    CHECK(seen.messages.at(0).start_line == "GET / 0");
}

TEST_CASE("every byte that a field value may hold arrives as it was sent") {
    const auto value = all_value_bytes();
    const auto seen = read_both_ways("GET / HTTP/1.1\r\nHost: a\r\nX: " + value + "\r\nEmpty:\r\n\r\n");
    REQUIRE(!seen.error);
    CHECK(*seen.messages.at(0).headers.find("x") == value);
    CHECK(seen.messages.at(0).headers.find("empty")->empty());
}

TEST_CASE("two empty lines before a request are passed over, a third is not") {
    const std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(read_both_ways("\r\n\r\n" + request).messages.size() == 1);
    CHECK(read_both_ways(request + "\r\n" + request).messages.size() == 2);
    CHECK(read_both_ways("\r\n\r\n\r\n" + request).error == errc::bad_request_line);
}

TEST_CASE("a reader is idle until the first byte of a request") {
    reader r(reader::role::request);
    CHECK(r.is_idle());
    REQUIRE(r.advance({}).has_value());
    CHECK(r.is_idle());
    REQUIRE(r.advance("\r\n").has_value());
    CHECK(r.is_idle());
    REQUIRE(r.advance("G").has_value());
    CHECK(!r.is_idle());
}

TEST_CASE("the end of a connection is fine between requests and nowhere else") {
    manner how;
    how.eof = true;
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n";
    CHECK(read_both_ways("", how).error == errc::closed);
    CHECK(read_both_ways(head + "ab", how).error == errc::closed);
    CHECK(read_both_ways("GE", how).error == errc::truncated);
    CHECK(read_both_ways("GET / HTTP/1.1\r\nHost", how).error == errc::truncated);
    CHECK(read_both_ways(head, how).error == errc::truncated);
    CHECK(read_both_ways(head + "a", how).error == errc::truncated);
    const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    CHECK(read_both_ways(chunked + "1\r\na\r\n", how).error == errc::truncated);
    CHECK(read_both_ways(chunked + "0\r\n\r", how).error == errc::truncated);
}

TEST_CASE("after an error the reader goes on saying so") {
    reader r(reader::role::request);
    CHECK(r.advance("GET /\r\n").error() == errc::bad_request_line);
    CHECK(r.advance("GET / HTTP/1.1\r\nHost: a\r\n\r\n").error() == errc::bad_request_line);
    CHECK(r.finish_eof().error() == errc::bad_request_line);
}
