#include <doctest/doctest.h>

#include <deque>

#include "talk/direct_exchange.hpp"
#include "talk/direct_frame.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace std::chrono_literals;

namespace {

const base::time_point start{};

std::string frame_of(std::string_view json, std::string_view body = {}) {
    std::string out;
    direct_frame_writer frame(out);
    out += json;
    frame.end_json();
    out += body;
    return out;
}

cgi::environ_map a_request() {
    return {{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/<a&b>'\"\x01\xE9"}};
}

/// Both ends of one stream, and what the peer's owner does: it holds what comes.
struct stream {
    explicit stream(std::size_t buffer = 256 * 1024, std::size_t most = 4096)
        : gateway({"romeo@montague.example/x", {buffer}, false, 4096}),
          peer({"http.montague.example", {buffer}, true, most}) {}

    /// Carries everything over; the bodies' sizes in order of their messages towards the gateway.
    void carry() {
        std::string out;
        for (bool moved = true; moved;) {
            moved = false;
            for (auto* from : {&gateway, &peer}) {
                auto& to = from == &gateway ? peer : gateway;
                for (out.clear(); from->next_message(out, start); out.clear(), moved = true) {
                    if (from == &peer) sizes.push_back(open_direct_frame(out)->body.size());
                    CHECK(to.receive(out, start).has_value());
                }
            }
            take_events();
        }
    }
    void take_events() {
        while (const auto e = peer.poll())
            if (e->opened) came.push_back(e->subject);
        while (gateway.poll()) {
        }
    }
    transaction& ask(const std::string& batch, bool body_follows = false) {
        return gateway.open(batch, a_request(), body_follows, start);
    }

    direct_exchange gateway, peer;
    std::deque<transaction*> came;
    std::vector<std::size_t> sizes;
};

void answer(direct_exchange& side, transaction& t, std::string_view body, bool is_whole = true) {
    response_start head;
    head.headers.add("X", "<>&");
    t.respond(std::move(head));
    t.write(body);
    if (is_whole) t.finish();
    side.touch(t);
}

}  // namespace

TEST_CASE("a frame is taken apart where its length says") {
    const std::string whole = frame_of("{}", "body");
    const auto frame = open_direct_frame(whole);
    REQUIRE(frame);
    CHECK(frame->json == "{}");
    CHECK(frame->body == "body");
    CHECK_FALSE(open_direct_frame(""));
    CHECK_FALSE(open_direct_frame(std::string("\0\0\0", 3)));
    CHECK_FALSE(open_direct_frame(std::string("\0\0\0\x03{}", 6)));
    CHECK_FALSE(open_direct_frame(std::string("\xff\xff\xff\xff{}", 6)));
}

TEST_CASE("a small transaction is one message each way, its JSON unescaped and its body raw") {
    stream s;
    transaction& t = s.ask("one");
    s.carry();
    REQUIRE(s.came.size() == 1);
    CHECK(*s.came[0]->request() == a_request());
    CHECK(s.came[0]->is_drained());
    const std::string body("\0\xff<&>\r\n", 7);
    answer(s.peer, *s.came[0], body);
    std::string out;
    REQUIRE(s.peer.next_message(out, start));
    const auto frame = open_direct_frame(out);
    REQUIRE(frame);
    CHECK(frame->body == body);
    CHECK(frame->json.find(R"(["X","<>&"])") != std::string_view::npos);
    CHECK(frame->json.find("\"data\"") == std::string_view::npos);
    CHECK(frame->json.find("encoding") == std::string_view::npos);
    CHECK_FALSE(s.peer.has_output());
    CHECK(s.gateway.receive(out, start).has_value());
    CHECK(t.take() == body);
    CHECK(t.end().kind == end_kind::completed);
    s.gateway.release(t);
    s.peer.release(*s.came[0]);
    CHECK(s.gateway.open_count() == 0);
    CHECK(s.peer.open_count() == 0);
}

TEST_CASE("bodies of any size arrive whole, both ways, however slowly they are taken") {
    stream s(100'000);
    transaction& t = s.ask("one", true);
    s.carry();
    transaction& other = *s.came.at(0);
    answer(s.peer, other, "", false);
    std::string sent, up, down;
    for (int i = 0; sent.size() < 1'000'000; ++i) sent += std::to_string(i);
    std::size_t written_up = 0, written_down = 0;
    while (up.size() < sent.size() || down.size() < sent.size()) {
        const auto more = std::string_view(sent).substr(written_up, t.room());
        t.write(more);
        written_up += more.size();
        if (written_up == sent.size()) t.finish();
        s.gateway.touch(t);
        const auto back = std::string_view(sent).substr(written_down, other.room());
        other.write(back);
        written_down += back.size();
        s.peer.touch(other);
        s.carry();
        up += other.take(30'000);
        down += t.take(50'000);
        s.gateway.touch(t);
        s.peer.touch(other);
    }
    CHECK((up == sent));
    CHECK((down == sent));
    other.finish();
    s.peer.touch(other);
    s.carry();
    CHECK(t.end().kind == end_kind::completed);
}

TEST_CASE("a body that nobody takes stops at its window, and holds nobody else up") {
    stream s(200'000);
    transaction& slow = s.ask("slow");
    s.carry();
    answer(s.peer, *s.came[0], std::string(200'000, 'x'), false);
    s.carry();
    s.came[0]->write(std::string(200'000, 'y'));
    s.peer.touch(*s.came[0]);
    s.carry();
    CHECK(slow.readable() == 200'000);
    CHECK(s.came[0]->room() == 0);
    transaction& quick = s.ask("quick");
    s.carry();
    answer(s.peer, *s.came.at(1), "done");
    s.carry();
    CHECK(quick.end().kind == end_kind::completed);
    CHECK(slow.take().size() == 200'000);
    s.gateway.touch(slow);
    s.carry();
    CHECK(slow.readable() == 200'000);
}

TEST_CASE("bodies go in turn, a piece each, and a new answer goes before them") {
    stream s;
    for (const char* batch : {"a", "b", "c"}) (void)s.ask(batch);
    s.carry();
    s.sizes.clear();
    for (int i : {0, 1})
        answer(s.peer, *s.came.at(static_cast<unsigned>(i)), std::string(100'000, 'x'));
    std::string out;
    std::string order;
    for (int sent = 0; s.peer.next_message(out, start); out.clear()) {
        const auto frame = open_direct_frame(out);
        CHECK(frame->body.size() <= 32 * 1024);
        order += frame->json.substr(frame->json.find("batch") + 8, 1);
        if (++sent == 3) answer(s.peer, *s.came[2], "small");
    }
    CHECK(order == "abacbabab");
}

TEST_CASE("bodies get their turn while small answers come without end") {
    stream s;
    transaction& bulk = s.ask("bulk");
    s.carry();
    transaction& body = *s.came.at(0);
    answer(s.peer, body, std::string(200'000, 'x'), false);
    int small = 0;
    for (; bulk.readable() < 200'000 && small < 2000; ++small) {
        transaction& t = s.ask("s" + std::to_string(small));
        std::string out;
        REQUIRE(s.gateway.next_message(out, start));
        CHECK(s.peer.receive(out, start).has_value());
        s.take_events();
        answer(s.peer, *s.came.back(), "x");
        out.clear();
        REQUIRE(s.peer.next_message(out, start));
        CHECK(s.gateway.receive(out, start).has_value());
        (void)t;
    }
    CHECK(small < 200);
}

TEST_CASE("an asker's body is awaited once its request is on its way") {
    stream s;
    transaction& t = s.ask("one", true);
    CHECK_FALSE(t.is_accepted());
    s.carry();
    CHECK(t.is_accepted());
}

TEST_CASE("giving up is told to the other side") {
    stream s;
    transaction& t = s.ask("one");
    s.carry();
    s.gateway.release(t);
    s.carry();
    CHECK(s.came.at(0)->end().kind == end_kind::shut_down);
    CHECK(s.came[0]->end().reason == "client-gone");
    CHECK(s.gateway.open_count() == 0);
}

TEST_CASE("what is released in the middle of its answer still goes out whole") {
    stream s;
    transaction& t = s.ask("one");
    s.carry();
    answer(s.peer, *s.came.at(0), std::string(100'000, 'x'));
    s.peer.release(*s.came[0]);
    s.carry();
    CHECK(t.readable() == 100'000);
    CHECK(t.end().kind == end_kind::completed);
    CHECK(s.peer.open_count() == 0);
}

TEST_CASE("what is released and never taken is given up after a while") {
    stream s(100'000);
    (void)s.ask("one");
    s.carry();
    answer(s.peer, *s.came.at(0), std::string(100'000, 'x'), false);
    s.carry();
    s.came[0]->write(std::string(100'000, 'y'));
    s.came[0]->finish();
    s.peer.release(*s.came[0]);
    s.peer.expire(start + 100s);
    CHECK(s.peer.open_count() == 1);
    s.peer.expire(start + 121s);
    s.carry();
    CHECK(s.peer.open_count() == 0);
}

TEST_CASE("the end of the stream ends every transaction, those opened later too") {
    stream s;
    transaction& t = s.ask("one");
    s.carry();
    s.gateway.end(end_kind::offline, "cut");
    CHECK(t.end().kind == end_kind::offline);
    CHECK(t.end().reason == "cut");
    CHECK(s.gateway.poll().has_value());
    CHECK(s.ask("two").end().kind == end_kind::offline);
    std::string out;
    CHECK_FALSE(s.gateway.next_message(out, start));
    s.gateway.release(t);
    CHECK(s.gateway.open_count() == 1);
}

TEST_CASE("a frame that is none breaks the stream") {
    stream s;
    for (const auto& bad :
         {std::string("abc"), std::string("\0\0\0\x09{}", 6), frame_of("[]"), frame_of("{\"batch\":"),
          frame_of(""), frame_of("7"), frame_of(R"([{"batch":1}])")})
        CHECK(s.peer.receive(bad, start).has_error());
    CHECK(s.peer.counters().malformed == 7);
}

TEST_CASE("a message that breaks the document ends its transaction alone") {
    stream s;
    transaction& one = s.ask("one");
    transaction& two = s.ask("two");
    transaction& three = s.ask("three");
    s.carry();
    CHECK(s.gateway.receive(frame_of(R"({"batch":"one","offset":"x"})"), start).has_value());
    CHECK(s.gateway.receive(frame_of(R"({"batch":"two","statuscode":200,"data":"x"})"), start)
              .has_value());
    CHECK(one.end().kind == end_kind::broken);
    CHECK(two.end().kind == end_kind::broken);
    CHECK_FALSE(three.is_over());
    s.carry();
    CHECK(s.came.at(0)->end().kind == end_kind::shut_down);
    CHECK(s.came.at(1)->end().reason == "protocol");
    CHECK_FALSE(s.came.at(2)->is_over());
}

TEST_CASE("messages for an unknown batch are answered by one shutdown, a shutdown by nothing") {
    stream s;
    CHECK(s.gateway.receive(frame_of(R"({"batch":"x","window":1})"), start).has_value());
    std::string out;
    REQUIRE(s.gateway.next_message(out, start));
    CHECK(open_direct_frame(out)->json ==
          R"({"batch":"x","signal":"shutdownMicroprocess","reason":"unknown"})");
    CHECK(s.peer.receive(out, start).has_value());
    CHECK_FALSE(s.peer.has_output());
    CHECK(s.gateway.counters().unknown_batch == 1);
}

TEST_CASE("who may not ask is refused, and so is a batch that is open, and one too many") {
    const auto request = R"({"batch":"x","REQUEST_METHOD":"GET"})";
    stream s(256 * 1024, 1);
    CHECK(s.gateway.receive(frame_of(request), start).has_value());
    std::string out;
    REQUIRE(s.gateway.next_message(out, start));
    CHECK(open_direct_frame(out)->json.find("unsupported") != std::string_view::npos);
    CHECK(s.peer.receive(frame_of(request), start).has_value());
    CHECK(s.peer.receive(frame_of(R"({"batch":"y","REQUEST_METHOD":"GET"})"), start).has_value());
    s.take_events();
    REQUIRE(s.came.size() == 1);
    out.clear();
    REQUIRE(s.peer.next_message(out, start));
    CHECK(open_direct_frame(out)->json.find("busy") != std::string_view::npos);
    CHECK(s.peer.receive(frame_of(request), start).has_value());
    CHECK(s.came[0]->end().kind == end_kind::broken);
}

TEST_CASE("a head that fits no frame is too large, and the stream goes on") {
    stream s;
    cgi::environ_map request{{"REQUEST_METHOD", "GET"}, {"HTTP_X", std::string(600'000, 'x')}};
    transaction& t = s.gateway.open("big", std::move(request), false, start);
    s.carry();
    CHECK(t.end().kind == end_kind::too_large);
    CHECK(s.came.empty());
    transaction& next = s.ask("next");
    s.carry();
    CHECK_FALSE(next.is_over());
    CHECK(s.came.size() == 1);
}

TEST_CASE("an upgrade on a stream: bytes both ways, and two ends") {
    stream s;
    auto request = a_request();
    request.set("HTTP_UPGRADE", "WebSocket");
    transaction& t = s.gateway.open("ws", std::move(request), false, start);
    s.carry();
    transaction& answers = *s.came.at(0);
    response_start head;
    head.status = 101;
    head.headers.add("Upgrade", "websocket");
    answers.respond(std::move(head));
    answers.write("at once");
    s.peer.touch(answers);
    s.carry();
    REQUIRE(t.is_tunnel());
    CHECK(t.take() == "at once");
    std::string came;
    const std::string all(1'000'000, 'x');
    for (std::size_t given = 0; came.size() < all.size();) {
        const auto step = std::min(t.room(), all.size() - given);
        t.write(std::string_view(all).substr(given, step));
        given += step;
        s.gateway.touch(t);
        const auto before = came.size();
        s.carry();
        came += answers.take();
        s.peer.touch(answers);
        s.carry();
        if (step == 0 && came.size() == before) break;
    }
    CHECK(came == all);
    answers.finish();
    s.peer.touch(answers);
    s.carry();
    CHECK(t.is_drained());
    CHECK_FALSE(t.is_over());
    t.finish();
    s.gateway.touch(t);
    s.carry();
    CHECK(t.end().kind == end_kind::completed);
    CHECK(answers.end().kind == end_kind::completed);
}
