// The server's side of HTTP/1: what a client on the other end of a socket gets to see.
#include "net/http_connection.hpp"

#include <doctest/doctest.h>

#include "http/writer.hpp"
#include "loop.hpp"

namespace crosstalk::net {
namespace {

using namespace test;

/// A connection and the client on its other end; `script` is what the server does.
struct stage {
    asio::io_context io;
    byte_stream client;
    std::unique_ptr<http_connection> server;

    explicit stage(http_connection_settings settings = {}) {
        auto both = connected_pair(io.get_executor());
        client = std::move(both.far);
        server = std::make_unique<http_connection>(io.get_executor(), std::move(both.near), settings);
        client.read_deadline(soon());
    }

    awaitable<void> played(awaitable<void> script) {
        task_group reading(io.get_executor());
        reading.spawn(server->read_ahead());
        co_await std::move(script);
        server->close();
        co_await reading.join();
    }
    void play(awaitable<void> script) { run(io, played(std::move(script))); }
};

awaitable<void> say(byte_stream& to, std::string_view text) {
    const auto written = co_await to.write(text);
    REQUIRE(written.has_value());
}

/// What the client reads until `size` bytes have come, or the end.
awaitable<std::string> hear(byte_stream& from, std::size_t size) {
    std::string all;
    std::array<char, 64 * 1024> buffer{};
    while (all.size() < size) {
        const auto space = asio::buffer(buffer.data(), std::min(buffer.size(), size - all.size()));
        const auto got = co_await from.read_some(space);
        if (!got) break;
        all.append(buffer.data(), *got);
    }
    co_return all;
}

awaitable<std::string> whole_body(http_connection& server) {
    std::string all;
    for (;;) {
        const auto piece = co_await server.read_body(1000);
        REQUIRE(piece.has_value());
        if (piece->empty()) co_return all;
        all += *piece;
    }
}

awaitable<void> answer(http_connection& server, std::string_view body) {
    const http::response_head head{200, "", 1, {{"X", "y"}}};
    const auto written = co_await server.start_response(head, body, true);
    REQUIRE(written.has_value());
}

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

awaitable<void> hand_over(stage& s) {
    co_await say(s.client, "GET / HTTP/1.1\r\nHost: x\r\n\r\nbehind");
    const auto head = co_await s.server->read_head();
    REQUIRE(head.has_value());
    std::string rest;
    auto stream = co_await s.server->detach(rest);
    s.server->close();
    co_await say(s.client, "and later");
    std::string later(9, ' ');
    const auto got = co_await stream.read_some(asio::buffer(later));
    REQUIRE(got.has_value());
    CHECK(rest + later.substr(0, *got) == "behindand later");
    co_await say(stream, "back");
    const auto back = co_await hear(s.client, 4);
    CHECK(back == "back");
}

TEST_CASE("a connection that is handed over loses no byte and stays open") {
    stage s;
    s.play(hand_over(s));
}

}  // namespace

TEST_CASE("pipelined requests are answered one after the other on one connection") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client,
                     "GET /a HTTP/1.1\r\nHost: h\r\n\r\nPOST /b HTTP/1.1\r\nHost: h\r\n"
                     "Content-Length: 5\r\n\r\nhelloGET /c HTTP/1.1\r\nHost: h\r\n\r\n");
        for (const std::string_view target : {"/a", "/b", "/c"}) {
            const auto head = co_await on.server->read_head();
            REQUIRE(head.has_value());
            CHECK(head->target == target);
            const auto body = co_await whole_body(*on.server);
            CHECK(body == (target == "/b" ? "hello" : ""));
            co_await answer(*on.server, target);
            const bool goes_on = co_await on.server->finish_request();
            CHECK(goes_on);
        }
        const std::string_view first = "HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\n/a";
        const auto heard = co_await hear(on.client, first.size());
        CHECK(heard == first);
    };
    s.play(script(s));
}

TEST_CASE("a request in pieces, and a chunked body in pieces") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        task_group writing(on.io.get_executor());
        const auto drip = [](byte_stream& to) -> awaitable<void> {
            const std::string_view text =
                "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                "chunked\r\n\r\n3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n";
            for (std::size_t i = 0; i < text.size(); ++i) co_await say(to, text.substr(i, 1));
        };
        writing.spawn(drip(on.client));
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        CHECK(on.server->has_body());
        CHECK_FALSE(on.server->content_length());
        const auto body = co_await whole_body(*on.server);
        CHECK(body == "abcdefg");
        co_await answer(*on.server, "");
        const bool goes_on = co_await on.server->finish_request();
        CHECK(goes_on);
        co_await writing.join();
    };
    s.play(script(s));
}

TEST_CASE("a large body arrives whole through a small window") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        const std::string body = pattern(3'000'000);
        task_group writing(on.io.get_executor());
        const std::string request =
            "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + body;
        writing.spawn(say(on.client, request));
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const auto arrived = co_await whole_body(*on.server);
        CHECK(arrived == body);
        co_await writing.join();
    };
    s.play(script(s));
}

TEST_CASE(
    "an unknown length is chunked, a known one is not, and HTTP/1.0 gets the end of the connection") {
    const auto script = [](stage& on, std::string_view request,
                           std::string_view expected) -> awaitable<void> {
        co_await say(on.client, request);
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const http::response_head answered{200, "", 1, {}};
        const auto begun = co_await on.server->start_response(answered, "one", false);
        CHECK(begun.has_value());
        const auto more = co_await on.server->write_body("", false);
        CHECK(more.has_value());
        const auto ended = co_await on.server->write_body("two!", true);
        CHECK(ended.has_value());
        CHECK(on.server->body_sent() == 7);
        const bool goes_on = co_await on.server->finish_request();
        CHECK(goes_on == request.ends_with("HTTP/1.1\r\nHost: h\r\n\r\n"));
        on.server->close();
        const auto heard = co_await hear(on.client, 4096);
        CHECK(heard == expected);
    };
    stage modern;
    modern.play(script(
        modern, "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n4\r\ntwo!\r\n0\r\n\r\n"));
    stage old;
    old.play(
        script(old, "GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nonetwo!"));
}

TEST_CASE("HEAD, 204 and 304 have no body, whatever is written") {
    const auto script = [](stage& on, std::string_view method, unsigned status,
                           std::string_view expected) -> awaitable<void> {
        co_await say(on.client,
                     std::string(method) + " / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const http::response_head answered{status, "", 1, {}};
        const auto begun = co_await on.server->start_response(answered, "body", false);
        CHECK(begun.has_value());
        CHECK(on.server->is_bodyless());
        on.server->close();
        const auto heard = co_await hear(on.client, 4096);
        CHECK(heard == expected);
    };
    stage head_request, no_content, not_modified;
    head_request.play(
        script(head_request, "HEAD", 200, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"));
    no_content.play(
        script(no_content, "GET", 204, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
    not_modified.play(
        script(not_modified, "GET", 304, "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("a body that does not match its Content-Length is an error") {
    const auto script = [](stage& on, std::string_view body, bool is_last) -> awaitable<void> {
        co_await say(on.client, get_a);
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const http::response_head answered{200, "", 1, {{"Content-Length", "5"}}};
        const auto begun = co_await on.server->start_response(answered, "", false);
        CHECK(begun.has_value());
        const auto written = co_await on.server->write_body(body, is_last);
        CHECK(written.error() == http::errc::bad_content_length);
    };
    stage too_long, too_short;
    too_long.play(script(too_long, "123456", false));
    too_short.play(script(too_short, "1234", true));
}

TEST_CASE("a client that leaves is noticed while its answer is awaited") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client, get_a);
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        bell left(on.io.get_executor());
        bool is_gone = false;
        on.server->watch([&] {
            is_gone = true;
            left.ring();
        });
        CHECK_FALSE(is_gone);
        on.client.close();
        const bool rang = co_await left.wait(soon());
        CHECK(rang);
        CHECK(is_gone);
        int times = 0;
        on.server->watch([&] { ++times; });
        CHECK(times == 1);
    };
    s.play(script(s));
}

TEST_CASE("100 Continue is said when the owner says so, and not for a body that is there already") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client,
                     "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        CHECK(on.server->wants_continue());
        const auto said = co_await on.server->write_continue();
        CHECK(said.has_value());
        const auto heard = co_await hear(on.client, http::continue_response.size());
        CHECK(heard == http::continue_response);
        co_await say(on.client, "ok");
        const auto body = co_await whole_body(*on.server);
        CHECK(body == "ok");
        co_await answer(*on.server, "");
        const bool goes_on = co_await on.server->finish_request();
        CHECK(goes_on);
        co_await say(
            on.client,
            "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok");
        head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        CHECK_FALSE(on.server->wants_continue());
    };
    s.play(script(s));
}

TEST_CASE("a final answer in place of 100 Continue ends the connection") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client,
                     "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        co_await answer(*on.server, "no");
        const bool goes_on = co_await on.server->finish_request();
        CHECK_FALSE(goes_on);
        on.server->close();
        const auto heard = co_await hear(on.client, 4096);
        CHECK(heard.find("Connection: close\r\n") != std::string::npos);
    };
    s.play(script(s));
}

TEST_CASE("what is left of a small body is dropped before the next request") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234");
        auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const auto piece = co_await on.server->read_body(2);
        CHECK(*piece == "01");
        on.server->abandon_body();
        co_await answer(*on.server, "early");
        co_await say(on.client, "56789GET /a HTTP/1.1\r\nHost: h\r\n\r\n");
        const bool goes_on = co_await on.server->finish_request();
        CHECK(goes_on);
        head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        CHECK(head->target == "/a");
    };
    s.play(script(s));
}

TEST_CASE("abandoning the body wakes whoever waits for it") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        task_group pumping(on.io.get_executor());
        error_code ended;
        const auto pump = [](http_connection& server, error_code& into) -> awaitable<void> {
            const auto piece = co_await server.read_body(100);
            into = piece.error();
        };
        pumping.spawn(pump(*on.server, ended));
        on.server->abandon_body();
        co_await pumping.join();
        CHECK(ended == asio::error::operation_aborted);
    };
    s.play(script(s));
}

TEST_CASE("heads that are late, and connections with nothing on them, time out") {
    http_connection_settings impatient;
    impatient.header = impatient.idle = 50ms;
    const auto script = [](stage& on, std::string_view said, bool has_begun) -> awaitable<void> {
        if (!said.empty()) co_await say(on.client, said);
        const auto head = co_await on.server->read_head();
        CHECK(head.error() == asio::error::timed_out);
        CHECK(on.server->has_begun() == has_begun);
    };
    stage silent(impatient), slow(impatient);
    silent.play(script(silent, "", false));
    slow.play(script(slow, "GET / HTTP/1.1\r\nHos", true));
}

TEST_CASE("a body that stops coming times out") {
    http_connection_settings impatient;
    impatient.body = 50ms;
    stage s(impatient);
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n01234");
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        const auto piece = co_await on.server->read_body(100);
        CHECK(*piece == "01234");
        const auto late = co_await on.server->read_body(100);
        CHECK(late.error() == asio::error::timed_out);
    };
    s.play(script(s));
}

TEST_CASE("how a client goes decides what read_head says") {
    const auto script = [](stage& on, std::string_view said, error_code expected) -> awaitable<void> {
        if (!said.empty()) co_await say(on.client, said);
        on.client.shutdown_send();
        const auto head = co_await on.server->read_head();
        CHECK(head.error() == expected);
    };
    stage nothing, half, wrong;
    nothing.play(script(nothing, "", http::errc::closed));
    half.play(script(half, "GET / HTTP/1.1\r\n", http::errc::truncated));
    wrong.play(
        script(wrong, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", http::errc::doubled_field));
}

TEST_CASE("a target as long as allowed, and one byte longer") {
    const auto script = [](stage& on, std::size_t size, bool is_fine) -> awaitable<void> {
        task_group writing(on.io.get_executor());
        const auto request = "GET /" + std::string(size - 1, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n";
        writing.spawn(say(on.client, request));
        const auto head = co_await on.server->read_head();
        CHECK(head.has_value() == is_fine);
        if (!is_fine) CHECK(head.error() == http::errc::uri_too_long);
        co_await writing.join();
    };
    http_connection_settings settings;
    settings.limits.uri = 100'000;
    stage fits(settings), fails(settings);
    fits.play(script(fits, 100'000, true));
    fails.play(script(fails, 100'001, false));
}

TEST_CASE("after an early refusal the client can still read the answer") {
    stage s;
    const auto script = [](stage& on) -> awaitable<void> {
        co_await say(on.client, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
        const auto head = co_await on.server->read_head();
        REQUIRE(head.has_value());
        on.server->close_after_response();
        co_await answer(*on.server, "too large");
        task_group sending(on.io.get_executor());
        const auto body = pattern(100'000);
        const auto push = [](byte_stream& to, const std::string& bytes) -> awaitable<void> {
            (void)co_await to.write(bytes);
            to.shutdown_send();
        };
        sending.spawn(push(on.client, body));
        co_await on.server->linger();
        co_await sending.join();
        const auto heard = co_await read_to_end(on.client);
        REQUIRE(heard.has_value());
        CHECK(heard->ends_with("\r\n\r\ntoo large"));
    };
    s.play(script(s));
}

}  // namespace crosstalk::net
