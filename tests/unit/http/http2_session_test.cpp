// A session of HTTP/2, frame by frame.
#include <doctest/doctest.h>

#include <algorithm>

#include "http2_frames.hpp"

using namespace crosstalk;
using namespace crosstalk::http;
using namespace crosstalk::http::testing;
using kind = http2_session::event::kind;

namespace {

/// A session with what came out of it.
struct conversation {
    explicit conversation(http2_settings s = {}) : session(s, now) { feed(greeting()); }

    void feed(std::string_view bytes, std::size_t piece = std::string_view::npos) {
        while (!bytes.empty()) {
            const auto step = bytes.substr(0, piece);
            bytes.remove_prefix(step.size());
            if (auto got = session.receive(step, now); !got) {
                error = got.error();
                break;
            }
            flush();
        }
    }
    void feed(const frame& f) { feed(write(f)); }
    void flush() {
        session.produce(out, out.size() + 100'000);
        while (const auto event = session.poll()) events.push_back(*event);
    }
    /// What came out since the last call.
    std::vector<frame> take() {
        flush();
        auto frames = read_frames(out);
        out.clear();
        return frames;
    }
    std::size_t count(kind what, std::int32_t stream) const {
        return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const auto& e) {
            return e.what == what && e.stream == stream;
        }));
    }

    base::time_point now{};
    http2_session session;
    std::string out;
    std::vector<http2_session::event> events;
    error_code error;
};

std::string body_of(const std::vector<frame>& frames, std::int32_t stream) {
    std::string body;
    for (const auto& f : frames)
        if (f.type == data && f.stream == stream) body += f.payload;
    return body;
}

const frame* find(const std::vector<frame>& frames, unsigned type, std::int32_t stream) {
    const auto at = std::find_if(frames.begin(), frames.end(),
                                 [&](const frame& f) { return f.type == type && f.stream == stream; });
    return at == frames.end() ? nullptr : &*at;
}

std::uint64_t goaway_code(const std::vector<frame>& frames) {
    const frame* last = nullptr;
    for (const auto& f : frames)
        if (f.type == goaway) last = &f;
    return last == nullptr ? ~std::uint64_t{0} : number_of(std::string_view(last->payload).substr(4, 4));
}

response_head ok() { return {}; }

}  // namespace

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
        CHECK(!c.session.is_in_head());
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
    c.session.forget(1);  // whole, and the rest of the request is not wanted
    c.session.respond(3, ok(), false);
    c.session.forget(3);  // a body was to come
    c.session.forget(5);  // nothing at all
    const auto frames = c.take();
    CHECK(number_of(find(frames, rst_stream, 1)->payload) == 0);
    CHECK(number_of(find(frames, rst_stream, 3)->payload) == 2);
    CHECK(number_of(find(frames, rst_stream, 5)->payload) == 2);
    c.feed({data, 0, 1, "late"});
    CHECK(!c.error);
    CHECK(goaway_code(c.take()) == ~std::uint64_t{0});
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
