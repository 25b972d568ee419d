// Responses of backends: framing as strict as for requests, words more leniently.
#include <doctest/doctest.h>

#include "read_both_ways.hpp"

using namespace crosstalk::http;
using namespace crosstalk::http::testing;

TEST_CASE("a response with a length, and the next one behind it") {
    const auto seen = read_responses(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
        "HTTP/1.1 404 Not  Found\r\nContent-Length: 0\r\n\r\n");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 2);
    CHECK(seen.messages[0].start_line == "200 OK 1");
    CHECK(seen.messages[0].bytes == "hi");
    CHECK(seen.messages[0].keep_alive);
    CHECK(seen.messages[1].start_line == "404 Not  Found 1");
}

TEST_CASE("the reason may be empty, missing or not ASCII") {
    const std::string rest = "\r\nContent-Length: 0\r\nX: \xE4\r\n\r\n";
    CHECK(read_responses("HTTP/1.1 200 " + rest).messages.at(0).start_line == "200  1");
    CHECK(read_responses("HTTP/1.1 200" + rest).messages.at(0).start_line == "200  1");
    CHECK(read_responses("HTTP/1.1 200 \xC3\xA4" + rest).messages.at(0).start_line == "200 \xC3\xA4 1");
}

TEST_CASE("a response to HEAD has no body, whatever it announces") {
    const auto seen = read_responses(
        "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "HTTP/1.1 200 OK\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
        {"HEAD", "HEAD", "HEAD", "GET"});
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 4);
    CHECK(seen.messages[0].length == 1000);
    CHECK(seen.messages[0].body == body_kind::none);
    CHECK(seen.messages[2].keep_alive);
    CHECK(seen.messages[3].bytes == "x");
}

TEST_CASE("204 and 304 have no body") {
    const auto seen = read_responses(
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"
        "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 3);
    CHECK(seen.messages[0].is_complete);
    CHECK(seen.messages[0].keep_alive);
    CHECK(seen.messages[1].keep_alive);
    CHECK(!seen.messages[2].keep_alive);
}

TEST_CASE("interim responses are heads of their own before the final one") {
    const auto seen = read_responses(
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    REQUIRE(!seen.error);
    REQUIRE(seen.messages.size() == 3);
    CHECK(seen.messages[0].start_line == "100 Continue 1");
    CHECK(seen.messages[1].headers == fields{{"Link", "</a>"}});
    CHECK(seen.messages[2].headers == fields{{"Content-Length", "2"}});
    CHECK(seen.messages[2].bytes == "hi");
}

TEST_CASE("a backend that stays interim is given up") {
    std::string stream;
    for (int i = 0; i < 20; ++i) stream += "HTTP/1.1 102 Processing\r\n\r\n";
    CHECK(read_responses(stream).error == errc::too_many_interim_responses);
}

TEST_CASE("a body without a length goes on until the connection ends") {
    const auto open = read_responses("HTTP/1.1 200 OK\r\n\r\nabc");
    CHECK(open.messages.at(0).body == body_kind::until_close);
    CHECK(!open.messages.at(0).keep_alive);
    CHECK(!open.messages.at(0).is_complete);
    const auto closed = read_responses("HTTP/1.0 200 OK\r\n\r\nabc", {}, true);
    CHECK(!closed.error);
    CHECK(closed.messages.at(0).bytes == "abc");
    CHECK(closed.messages.at(0).is_complete);
}

TEST_CASE("a connection that ends early never makes a short body whole") {
    CHECK(read_responses("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc", {}, true).error ==
          errc::truncated);
    CHECK(read_responses("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", {}, true)
              .error == errc::truncated);
    CHECK(read_responses("HTTP/1.1 100 Continue\r\n\r\n", {}, true).error == errc::truncated);
    CHECK(read_responses("HTTP/1.1 200 OK\r\n", {}, true).error == errc::truncated);
    CHECK(read_responses("", {}, true).error == errc::closed);
}

TEST_CASE("after 101 and after 2xx to CONNECT the bytes are not HTTP any more") {
    const std::string bytes = "\x01\r\nHTTP/1.1 200 OK\r\n\r\n";
    const auto upgraded = read_responses(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n" + bytes, {}, true);
    REQUIRE(upgraded.messages.size() == 1);
    CHECK(upgraded.messages[0].body == body_kind::opaque);
    CHECK(upgraded.messages[0].bytes == bytes);
    CHECK(upgraded.messages[0].is_complete);
    const auto tunnel =
        read_responses("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + bytes, {"CONNECT"});
    CHECK(tunnel.messages.at(0).body == body_kind::opaque);
    CHECK(tunnel.messages.at(0).bytes == bytes);
    const auto refused = read_responses("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nhi", {"CONNECT"});
    CHECK(refused.messages.at(0).bytes == "hi");
}

TEST_CASE("bytes that answer nothing are an error") {
    reader r(reader::role::response);
    REQUIRE(r.advance({}).has_value());
    CHECK(r.advance("HTTP/1.1 200 OK\r\n").error() == errc::unexpected_response);

    reader second(reader::role::response);
    second.expect_response_to("GET");
    REQUIRE(second.advance("HTTP/1.1 204 x\r\n\r\n").has_value());
    CHECK(second.advance({})->kind == step_kind::end);
    second.next();
    CHECK(second.advance("H").error() == errc::unexpected_response);
}

TEST_CASE("an ambiguous or malformed response is refused") {
    const auto refuse = [](const std::string& stream) { return read_responses(stream).error; };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    CHECK(refuse("HTTP/1.1 99 X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1 099 X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1 600 X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1 1000 X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1  200 X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1 2xx X\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("ICY 200 OK\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("\r\nHTTP/1.1 200 OK\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/1.1 200 O\rK\r\n\r\n") == errc::bad_status_line);
    CHECK(refuse("HTTP/2.0 200 OK\r\n\r\n") == errc::unsupported_version);
    CHECK(refuse(std::string(10'000, 'x')) == errc::bad_status_line);
    CHECK(refuse(ok + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n") == errc::doubled_field);
    CHECK(refuse(ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n") ==
          errc::ambiguous_length);
    CHECK(refuse(ok + "Content-Length: 1,1\r\n\r\n") == errc::bad_content_length);
    CHECK(refuse(ok + "Transfer-Encoding: gzip, chunked\r\n\r\n") == errc::unknown_transfer_coding);
    CHECK(refuse("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") ==
          errc::bad_transfer_encoding);
    CHECK(refuse(ok + "X: a\r\n b\r\n\r\n") == errc::obsolete_folding);
    CHECK(refuse(ok + "X : a\r\n\r\n") == errc::space_before_colon);
    CHECK(refuse("HTTP/1.1 200 OK\nX: a\n\n") == errc::bad_line_end);
}

TEST_CASE("whether a backend's connection may be used again") {
    const auto keeps = [](const std::string& head) {
        return read_responses(head + "\r\n").messages.at(0).keep_alive;
    };
    CHECK(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"));
    CHECK(!keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n"));
    CHECK(!keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n"));
    CHECK(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n"));
}
