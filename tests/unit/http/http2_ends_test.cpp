// How streams and sessions of HTTP/2 end, and what ends them early.
#include <doctest/doctest.h>

#include "http2_conversation.hpp"

using namespace crosstalk;
using namespace crosstalk::http;
using namespace crosstalk::http::testing;

TEST_CASE("what was not sent whole never counts as sent") {
    conversation c;
    c.feed({settings, 0, 0, number(4, 2) + number(10, 4)});
    c.feed(request(1));
    c.feed(request(3));
    c.take();
    const std::string piece(25, 'x');
    for (const std::int32_t id : {1, 3}) {
        c.session.respond(id, ok(), false);
        c.session.send(id, piece, true);
    }
    c.take();
    c.feed({rst_stream, 0, 1, number(8, 4)});
    CHECK(c.session.is_closed(1));
    CHECK(!c.session.is_sent(1));
    c.session.reset(3, http2_reason::internal);
    CHECK(!c.session.is_sent(3));
    const auto frames = c.take();
    REQUIRE(find(frames, rst_stream, 3) != nullptr);
    CHECK(number_of(find(frames, rst_stream, 3)->payload) == 2);
    CHECK(body_of(frames, 3).empty());
    c.session.forget(1);
    c.session.forget(3);
    CHECK(c.take().empty());
}

TEST_CASE("whoever forgets a stream lets the client know how it stands") {
    conversation c;
    for (const std::int32_t id : {1, 3, 5}) c.feed(request(id, "POST", false));
    c.take();
    c.session.respond(1, ok(), true);
    CHECK(!c.session.is_sent(1));
    auto frames = c.take();
    REQUIRE(find(frames, headers, 1) != nullptr);
    CHECK(find(frames, headers, 1)->flags == (end_headers | end_stream));
    CHECK(c.session.is_sent(1));
    CHECK(c.count(kind::sent, 1) == 1);
    c.session.forget(1);  // whole, and the rest of the request is not wanted
    c.session.respond(3, ok(), false);
    c.session.forget(3);  // a body was to come
    c.session.forget(5);  // nothing at all
    frames = c.take();
    CHECK(number_of(find(frames, rst_stream, 1)->payload) == 0);
    CHECK(number_of(find(frames, rst_stream, 3)->payload) == 2);
    CHECK(number_of(find(frames, rst_stream, 5)->payload) == 2);
    c.feed({data, 0, 1, "late"});
    CHECK(!c.error);
    CHECK(goaway_code(c.take()) == ~std::uint64_t{0});
}

TEST_CASE("a head that nghttp2 refuses is over, and the next one has its own time") {
    using namespace std::chrono_literals;
    conversation c;
    CHECK(c.session.is_greeted());
    c.feed(request(1, "GET", true, {{"Upper", "case"}}));
    CHECK(!c.session.head_since());
    CHECK(find(c.take(), rst_stream, 1) != nullptr);
    auto begun = request(3);
    begun.flags = end_stream;
    c.now += 5s;
    c.feed(begun);
    CHECK(c.session.head_since() == c.now);
    c.now += 5s;
    // The end of one and the beginning of another, in one go.
    auto next = request(5);
    next.flags = end_stream;
    c.feed(write({continuation, end_headers, 3, ""}) + write(next));
    CHECK(c.count(kind::request, 3) == 1);
    CHECK(c.session.head_since() == c.now);
}

TEST_CASE("whether a client holds its body back, or others take all the room") {
    http2_settings s;
    s.window = 70'000;
    s.stream_window = 60'000;
    conversation c(s);
    c.feed({settings, ack, 0, ""});
    c.feed({settings, 0, 0, number(4, 2) + number(10, 4)});
    c.feed(request(1));
    c.feed(request(3, "POST", false));
    c.session.respond(1, ok(), false);
    const std::string piece(25, 'x');
    c.session.send(1, piece, true);
    CHECK(!c.session.is_held_back(1));
    CHECK(c.session.body_bytes_sent() == 0);
    c.take();
    CHECK(c.session.is_held_back(1));
    CHECK(c.session.body_bytes_sent() == 10);
    c.feed({window_update, 0, 1, number(1, 4)});
    c.take();
    CHECK(c.session.body_bytes_sent() == 11);
    CHECK(!c.session.is_full());
    for (int i = 0; i < 4; ++i) c.feed({data, 0, 3, std::string(14'000, 'x')});
    CHECK(c.session.is_full());
    CHECK(c.session.take_input(3).size() == 56'000);
    c.session.consume(3, 56'000);
    c.take();
    CHECK(!c.session.is_full());
}

TEST_CASE("a client that does not say that it has understood is left all the same") {
    conversation c;
    c.session.shut_down();
    c.feed(request(1));
    CHECK(!c.session.is_refusing());
    c.session.refuse_streams();
    CHECK(c.session.is_refusing());
    const auto frames = c.take();
    std::size_t told = 0;
    for (const auto& f : frames) told += f.type == goaway ? 1 : 0;
    CHECK(told == 2);
    c.feed(request(3));
    CHECK(c.count(kind::request, 1) == 1);
    CHECK(c.count(kind::request, 3) == 0);
    c.session.respond(1, ok(), true);
    c.take();
    c.session.forget(1);
    CHECK(c.session.is_over());
}

TEST_CASE("leaving takes two steps, and requests in between are served") {
    conversation c;
    c.take();
    c.session.shut_down();
    auto frames = c.take();
    REQUIRE(find(frames, goaway, 0) != nullptr);
    CHECK(number_of(std::string_view(find(frames, goaway, 0)->payload).substr(0, 4)) == 0x7fffffff);
    const frame* const asked = find(frames, ping, 0);
    REQUIRE(asked != nullptr);
    CHECK(!c.session.is_over());
    c.feed(request(1));
    CHECK(c.count(kind::request, 1) == 1);
    c.feed({ping, ack, 0, asked->payload});
    frames = c.take();
    CHECK(number_of(std::string_view(find(frames, goaway, 0)->payload).substr(0, 4)) == 1);
    CHECK(!c.session.is_over());
    c.feed(request(3));
    CHECK(c.count(kind::request, 3) == 0);
    c.session.respond(1, ok(), true);
    c.take();
    c.session.forget(1);
    CHECK(c.session.is_over());
}

TEST_CASE("ending at once says why") {
    conversation c;
    c.session.terminate(http2_reason::calm);
    CHECK(goaway_code(c.take()) == 11);
    CHECK(c.session.is_over());
}

TEST_CASE("what is no HTTP/2 is no connection any more") {
    http2_session session({}, {});
    CHECK(session.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n", {}).error() == errc::http2_broken);
    CHECK(session.is_over());
    std::string out;
    session.produce(out, 1000);
    CHECK(out.empty());
}

TEST_CASE("no more streams than allowed are open, and who knows that is sent away for trying") {
    http2_settings s;
    s.streams = 2;
    conversation unaware(s), aware(s);
    aware.feed({settings, ack, 0, ""});
    for (conversation* c : {&unaware, &aware}) {
        for (const std::int32_t id : {1, 3, 5}) c->feed(request(id));
        CHECK(c->count(kind::request, 3) == 1);
        CHECK(c->count(kind::request, 5) == 0);
    }
    const auto frames = unaware.take();
    REQUIRE(find(frames, rst_stream, 5) != nullptr);
    CHECK(number_of(find(frames, rst_stream, 5)->payload) == 7);
    CHECK(goaway_code(aware.take()) == 1);
}

TEST_CASE("floods of frames that move nothing end the connection") {
    const auto is_ended_by = [](const auto& frames_of) {
        conversation c;
        std::size_t largest = 0;
        for (int i = 0; i < 5'000 && !c.session.is_over() && !c.error; ++i) {
            c.feed(frames_of(i));
            largest = std::max(largest, c.out.size());
            if (i % 100 == 0) c.take();
        }
        CHECK(largest < 200'000);
        return c.session.is_over() || c.error;
    };
    CHECK(is_ended_by([](int) { return write({ping, 0, 0, "12345678"}); }));
    CHECK(is_ended_by([](int) { return write({settings, 0, 0, ""}); }));
    CHECK(is_ended_by([](int) { return write({priority, 0, 1, number(0, 4) + number(1, 1)}); }));
    CHECK(is_ended_by([](int) { return write({window_update, 0, 0, number(1, 4)}); }));
    CHECK(is_ended_by([](int i) { return i == 0 ? write(request(1, "POST", false)) : write({data, 0, 1, ""}); }));
    CHECK(is_ended_by([](int i) {
        constexpr unsigned padded = 8;
        return i == 0 ? write(request(1, "POST", false)) : write({data, padded, 1, std::string("\x01\0", 2)});
    }));
    CHECK(is_ended_by([](int i) {
        return write(request(2 * i + 1)) + write({rst_stream, 0, 2 * i + 1, number(8, 4)});
    }));
    CHECK(is_ended_by([](int i) {
        auto first = request(1);
        first.flags = end_stream;
        return i == 0 ? write(first) : write({continuation, 0, 1, literal("a", "b")});
    }));
}

TEST_CASE("a head that unpacks to more than is ever looked at ends the connection") {
    conversation c;
    auto first = request(1);
    first.flags = end_stream;
    // Into the table, and then named over and over.
    first.payload += "\x40\x01x\x7f\xa1\x1e" + std::string(4000, 'y') + std::string(10'000, '\xbe');
    c.feed(first);
    c.feed({continuation, end_headers, 1, std::string(16'000, '\xbe')});
    CHECK(c.session.is_flooded());
    CHECK(goaway_code(c.take()) == 11);
    CHECK(c.count(kind::request, 1) == 0);
}

TEST_CASE("a client that is served may send as many frames as it likes") {
    conversation c;
    for (std::int32_t id = 1; id < 10'000; id += 2) {
        c.feed(request(id));
        c.session.respond(id, ok(), true);
        c.take();
        c.session.forget(id);
        c.events.clear();
        if (c.session.is_over()) break;
    }
    CHECK(!c.session.is_over());
}
