// A session of HTTP/2, frame by frame.
#include <doctest/doctest.h>

#include "http2_conversation.hpp"

using namespace crosstalk;
using namespace crosstalk::http;
using namespace crosstalk::http::testing;

TEST_CASE("a request is one event, however its bytes are cut") {
    for (const std::size_t piece : {std::string_view::npos, std::size_t{1}, std::size_t{7}}) {
        conversation c;
        c.feed(write(request(1, "GET", true, {{"accept", "a"}})), piece);
        REQUIRE(c.count(kind::request, 1) == 1);
        const auto got = c.session.take_request(1);
        REQUIRE(got.has_value());
        CHECK(got->head.target == "/p");
        CHECK(got->head.headers.get("accept") == "a");
        CHECK(c.session.is_input_over(1));
        CHECK(!c.session.head_since());
    }
}

TEST_CASE("the client is told the limits, and may open WebSockets") {
    http2_settings s;
    s.streams = 7;
    conversation c(s);
    const auto frames = c.take();
    REQUIRE(!frames.empty());
    CHECK(frames[0].type == settings);
    const auto has = [&](unsigned id, std::uint64_t value) {
        for (std::size_t at = 0; at + 6 <= frames[0].payload.size(); at += 6) {
            const std::string_view entry = std::string_view(frames[0].payload).substr(at, 6);
            if (number_of(entry.substr(0, 2)) == id) return number_of(entry.substr(2)) == value;
        }
        return false;
    };
    CHECK(has(3, 7));
    CHECK(has(8, 1));
}

TEST_CASE("a body waits in its window until it is consumed") {
    http2_settings s;
    s.stream_window = 1000;
    conversation c(s);
    c.feed({settings, ack, 0, ""});
    c.feed(request(1, "POST", false));
    c.take();
    c.feed({data, 0, 1, std::string(1000, 'x')});
    CHECK(find(c.take(), window_update, 1) == nullptr);
    CHECK(c.session.take_input(1) == std::string(1000, 'x'));
    CHECK(!c.session.is_input_over(1));
    CHECK(find(c.take(), window_update, 1) == nullptr);
    c.session.consume(1, 1000);
    const auto frames = c.take();
    REQUIRE(find(frames, window_update, 1) != nullptr);
    CHECK(number_of(find(frames, window_update, 1)->payload) == 1000);
    c.feed({data, end_stream, 1, "end"});
    CHECK(c.session.take_input(1) == "end");
    CHECK(c.session.is_input_over(1));
    CHECK(c.count(kind::input, 1) == 3);
}

TEST_CASE("more than the window allows ends the stream or the connection") {
    http2_settings s;
    s.stream_window = 1000;
    conversation c(s);
    c.feed({settings, ack, 0, ""});
    c.feed(request(1, "POST", false));
    c.feed({data, 0, 1, std::string(1001, 'x')});
    const auto frames = c.take();
    CHECK((find(frames, rst_stream, 1) != nullptr || goaway_code(frames) == 3));
}

TEST_CASE("a response: head, pieces, end") {
    conversation c;
    c.feed(request(1));
    c.take();
    c.session.respond(1, ok(), false);
    c.session.send(1, "hello ", false);
    CHECK(!c.session.is_sent(1));
    auto frames = c.take();
    CHECK(frames[0].type == headers);
    CHECK((frames[0].flags & end_stream) == 0);
    CHECK(body_of(frames, 1) == "hello ");
    CHECK(c.session.is_sent(1));
    CHECK(c.count(kind::sent, 1) == 1);
    c.session.send(1, "world", true);
    frames = c.take();
    CHECK(body_of(frames, 1) == "world");
    CHECK((frames.back().flags & end_stream) != 0);
    CHECK(c.session.is_sent(1));
    CHECK(c.count(kind::closed, 1) == 1);
    CHECK(c.session.is_closed(1));
    c.session.forget(1);
    CHECK(c.take().empty());
}

TEST_CASE("a response without a body, and one whose end comes late") {
    conversation c;
    c.feed(request(1));
    c.feed(request(3));
    c.take();
    c.session.respond(1, ok(), true);
    auto frames = c.take();
    REQUIRE(frames.size() == 1);
    CHECK(frames[0].flags == (end_headers | end_stream));
    c.session.forget(1);
    c.session.respond(3, ok(), false);
    c.session.send(3, "", true);
    frames = c.take();
    REQUIRE(frames.size() == 2);
    CHECK(frames[1].payload.empty());
    CHECK((frames[1].flags & end_stream) != 0);
    c.session.forget(3);
    CHECK(c.take().empty());
}

TEST_CASE("a piece goes out as the client's window lets it") {
    conversation c;
    c.feed({settings, 0, 0, number(4, 2) + number(10, 4)});
    c.feed(request(1));
    c.take();
    c.session.respond(1, ok(), false);
    const std::string piece(25, 'x');
    c.session.send(1, piece, true);
    CHECK(body_of(c.take(), 1).size() == 10);
    CHECK(!c.session.is_sent(1));
    c.feed({window_update, 0, 1, number(10, 4)});
    CHECK(body_of(c.take(), 1).size() == 10);
    c.feed({window_update, 0, 1, number(10, 4)});
    const auto frames = c.take();
    CHECK(body_of(frames, 1).size() == 5);
    CHECK(c.session.is_sent(1));
    CHECK(c.session.is_closed(1));
}

TEST_CASE("streams take turns, so that a large answer holds up no small one") {
    conversation c;
    c.feed({settings, 0, 0, number(4, 2) + number(1 << 20, 4)});
    c.feed({window_update, 0, 0, number(1 << 20, 4)});
    c.feed(request(1));
    c.feed(request(3));
    c.take();
    const std::string large(500'000, 'l'), small(100, 's');
    for (const std::int32_t id : {1, 3}) c.session.respond(id, ok(), false);
    c.session.send(1, large, true);
    c.session.send(3, small, true);
    std::string out;
    c.session.produce(out, 50'000);
    CHECK(body_of(read_frames(out), 3) == small);
    c.session.reset(1, http2_reason::cancelled);
}

TEST_CASE("a response that is a head alone counts as sent once it is on its way, not before") {
    conversation c;
    c.feed(request(1));
    c.session.respond(1, ok(), true);
    c.feed({rst_stream, 0, 1, number(8, 4)});
    CHECK(c.session.is_closed(1));
    CHECK(!c.session.is_sent(1));
    c.session.forget(1);
}

TEST_CASE("a head may be as large as peers may send it, and one that is too large ends its stream") {
    conversation c;
    for (const std::int32_t id : {1, 3, 5}) c.feed(request(id));
    c.take();
    response_head large;
    for (int i = 0; i < 100; ++i) large.headers.add("Set-Cookie", std::string(4000, 'c'));
    c.session.respond(1, large, true);
    auto frames = c.take();
    std::size_t size = 0;
    for (const auto& f : frames) size += f.stream == 1 && (f.type == headers || f.type == continuation) ? f.payload.size() : 0;
    CHECK(size > 200'000);
    CHECK(c.session.is_sent(1));
    response_head enormous;
    enormous.headers.add("X", std::string(17'000'000, 'c'));
    c.session.respond(3, enormous, true);
    c.session.respond(5, enormous, false);
    c.session.send(5, "body", true);
    frames = c.take();
    for (const std::int32_t id : {3, 5}) {
        CHECK(find(frames, headers, id) == nullptr);
        REQUIRE(find(frames, rst_stream, id) != nullptr);
        CHECK(number_of(find(frames, rst_stream, id)->payload) == 2);
        CHECK(!c.session.is_sent(id));
        CHECK(c.session.is_closed(id));
        CHECK(c.count(kind::closed, id) == 1);
    }
}

TEST_CASE("the method is known of what is refused, so that HEAD gets no page") {
    http2_settings s;
    s.limits.uri = 100;
    conversation c(s);
    frame long_target{headers, end_headers | end_stream, 1, block({{":path", "/" + std::string(200, 'a')}, {":method", "HEAD"}, {":scheme", "http"}, {":authority", "a"}})};
    c.feed(long_target);
    CHECK(c.session.is_head_request(1));
    CHECK(c.session.take_request(1).error() == errc::uri_too_long);
}

TEST_CASE("100 Continue comes before the response") {
    conversation c;
    c.feed(request(1, "POST", false));
    c.take();
    c.session.interim(1, 100);
    c.session.respond(1, ok(), true);
    const auto frames = c.take();
    REQUIRE(frames.size() == 2);
    CHECK(frames[0].flags == end_headers);
    CHECK(frames[1].flags == (end_headers | end_stream));
}

TEST_CASE("trailers are read and discarded") {
    conversation c;
    c.feed(request(1, "POST", false));
    c.feed({data, 0, 1, "body"});
    c.feed({headers, end_headers | end_stream, 1, block({{"host", "b"}, {"x", "y"}})});
    CHECK(c.count(kind::request, 1) == 1);
    const auto got = c.session.take_request(1);
    REQUIRE(got.has_value());
    CHECK(got->head.headers.find("x") == nullptr);
    CHECK(got->head.headers.get("host") == "a.example");
    CHECK(c.session.take_input(1) == "body");
    CHECK(c.session.is_input_over(1));
}

TEST_CASE("a body of another length than announced is never whole") {
    for (const auto& last : {frame{data, end_stream, 1, "more"}, frame{data, end_stream, 1, ""},
                             frame{headers, end_headers | end_stream, 1, block({{"content-length", "4"}})}}) {
        conversation c;
        c.feed(request(1, "POST", false, {{"content-length", "5"}}));
        c.feed({data, 0, 1, "body"});
        c.feed(last);
        CHECK(c.session.is_closed(1));
        CHECK(c.session.take_input(1) == "body");
        CHECK(!c.session.is_input_over(1));
        CHECK(find(c.take(), rst_stream, 1) != nullptr);
    }
}
