// Two ends of a direct stream over a socket pair, and one end against bytes that no link would send.
#include "net/direct_link.hpp"

#include <doctest/doctest.h>

#include "loop.hpp"

namespace crosstalk::net {
namespace {

using namespace test;
using http::websocket_opcode;

cgi::environ_map a_request() { return {{"REQUEST_METHOD", "POST"}, {"REQUEST_URI", "/"}}; }

direct_link_settings settings_of(http::websocket_role role) {
    direct_link_settings s;
    s.role = role;
    s.exchange.remote =
        role == http::websocket_role::server ? "romeo@example.org/x" : "http.example.org";
    s.exchange.accepts_requests = role == http::websocket_role::client;
    return s;
}

/// Gives back what it is sent, a piece at a time.
awaitable<void> echo(call visitor) {
    visitor.respond({});
    while (!visitor->is_over()) {
        if (visitor->is_drained()) {
            visitor.finish();
            break;
        }
        if (visitor->room() == 0) {
            (void)co_await visitor.wait_room();
        } else if (visitor->readable() == 0) {
            (void)co_await visitor.wait_in();
        } else {
            visitor.write(visitor.take(std::min<std::size_t>(visitor->room(), 10'000)));
        }
    }
}

struct stage {
    asio::io_context io;
    task_group tasks{io.get_executor()};
    std::unique_ptr<direct_link> gateway, peer;
    std::string gateway_end, peer_end;
    byte_stream raw;  ///< the other end, where there is no peer

    explicit stage(bool with_peer = true,
                   direct_link_settings s = settings_of(http::websocket_role::server),
                   std::string received = {}) {
        auto both = connected_pair(io.get_executor());
        gateway = std::make_unique<direct_link>(io.get_executor(), std::move(both.near),
                                                std::move(received), std::move(s));
        tasks.spawn(carry(*gateway, gateway_end));
        if (!with_peer) {
            raw = std::move(both.far);
            raw.read_deadline(soon());
            return;
        }
        peer = std::make_unique<direct_link>(io.get_executor(), std::move(both.far), "",
                                             settings_of(http::websocket_role::client));
        peer->on_request = [this](call c) { tasks.spawn(echo(std::move(c))); };
        tasks.spawn(carry(*peer, peer_end));
    }
    static awaitable<void> carry(direct_link& link, std::string& ending) {
        ending = co_await link.run();
    }

    awaitable<void> played(awaitable<void> script) {
        co_await std::move(script);
        gateway->close(http::closed_normally, talk::end_kind::offline, "done");
        co_await tasks.join();
    }
    void play(awaitable<void> script) { run(io, played(std::move(script))); }
};

awaitable<std::string> answer_of(call& c) {
    std::string all;
    while (!c->is_drained()) {
        if (c->readable() > 0) {
            all += c.take();
        } else if (c->is_over()) {
            break;
        } else {
            const bool rang = co_await c.wait_in(soon());
            REQUIRE(rang);
        }
    }
    co_return all;
}

awaitable<void> send_all(call& c, std::string_view bytes) {
    while (!bytes.empty() && !c->is_over()) {
        if (c->room() == 0) (void)co_await c.wait_room(soon());
        const auto piece = bytes.substr(0, c->room());
        c.write(piece);
        bytes.remove_prefix(piece.size());
    }
    c.finish();
}

awaitable<void> say(byte_stream& to, std::string_view bytes) {
    const auto written = co_await to.write(bytes);
    REQUIRE(written.has_value());
}

std::string client_frame(websocket_opcode what, std::string_view payload) {
    std::string out;
    append_websocket_frame(out, what, payload, http::websocket_mask{1, 2, 3, 4});
    return out;
}

/// The next frame that the server sends; a close where the end comes first.
awaitable<http::websocket_step> hear(byte_stream& from, std::string& buffer) {
    http::websocket_reader reader(http::websocket_role::client);
    for (;;) {
        const auto step = reader.advance(buffer);
        REQUIRE(step.has_value());
        if (step->what != http::websocket_step::kind::need_more) co_return *step;
        std::array<char, 1024> more{};
        const auto got = co_await from.read_some(asio::buffer(more));
        REQUIRE(got.has_value());
        buffer.append(more.data(), *got);
    }
}

awaitable<void> exchange_one(stage& s, std::size_t size) {
    const auto sent = pattern(size);
    auto c = s.gateway->open(a_request(), true);
    s.tasks.spawn(send_all(c, sent));
    const auto got = co_await answer_of(c);
    CHECK((got == sent));
    CHECK(c->end().kind == talk::end_kind::completed);
}

TEST_CASE("bodies of many sizes go there and back over a direct link") {
    for (const std::size_t size : {0, 1, 1000, 70'000, 3'000'000}) {
        stage s;
        s.play(exchange_one(s, size));
        CHECK(s.gateway_end == "done");
        CHECK(s.peer_end.find("done") != std::string::npos);
    }
}

awaitable<void> exchange_many(stage& s) {
    task_group all(s.io.get_executor());
    for (int i = 0; i < 200; ++i) all.spawn(exchange_one(s, 20'000));
    co_await all.join();
    CHECK(s.gateway->carried().transactions == 200);
    CHECK(s.gateway->open_count() == 0);
}

TEST_CASE("two hundred transactions share one stream") {
    stage s;
    s.play(exchange_many(s));
}

awaitable<void> survive_the_cut(stage& s) {
    auto c = s.gateway->open(a_request(), true);
    while (c->response() == nullptr) (void)co_await c.wait_in(soon());
    s.peer->close(http::closed_going_away, talk::end_kind::offline, "leaving");
    while (!c->is_over()) (void)co_await c.wait_in(soon());
    CHECK(c->end().kind == talk::end_kind::offline);
    CHECK_FALSE(s.gateway->is_open());
    auto later = s.gateway->open(a_request(), false);
    CHECK(later->end().kind == talk::end_kind::offline);
}

TEST_CASE("when the other side leaves, what is open ends, and what is opened later too") {
    stage s;
    s.play(survive_the_cut(s));
    CHECK(s.gateway_end.find("leaving") != std::string::npos);
}

awaitable<void> outlive(stage& s, call& kept) {
    kept = s.gateway->open(a_request(), true);
    while (kept->response() == nullptr) (void)co_await kept.wait_in(soon());
}

TEST_CASE("a call may outlive its link") {
    call kept;
    {
        stage s;
        s.play(outlive(s, kept));
        s.gateway.reset();
        CHECK(kept->is_over());
        kept.shut_down("late");
        kept = call();
    }
    CHECK_FALSE(kept);
}

awaitable<void> stay_silent(stage& s) {
    auto c = s.gateway->open(a_request(), false);
    while (!c->is_over()) (void)co_await c.wait_in(soon());
    CHECK(c->end().kind == talk::end_kind::offline);
}

TEST_CASE("who owes an answer and says nothing is asked, and then given up") {
    auto settings = settings_of(http::websocket_role::server);
    settings.silence_busy = 10ms;
    settings.pong = 10ms;
    stage s(false, settings);
    s.play(stay_silent(s));
    CHECK(s.gateway_end == "it does not answer pings");
}

awaitable<void> answer_a_ping(stage& s) {
    std::string buffer;
    co_await say(s.raw, client_frame(websocket_opcode::ping, "well?"));
    const auto pong = co_await hear(s.raw, buffer);
    CHECK(pong.what == http::websocket_step::kind::pong);
    CHECK(pong.payload == "well?");
}

TEST_CASE("a ping is answered with its own words") {
    stage s(false);
    s.play(answer_a_ping(s));
}

awaitable<void> send_nonsense(stage& s, std::string_view bytes, std::uint16_t& code) {
    co_await say(s.raw, bytes);
    std::string buffer;
    const auto close = co_await hear(s.raw, buffer);
    CHECK(close.what == http::websocket_step::kind::close);
    code = close.code;
}

TEST_CASE("nonsense closes the stream with the code that says why") {
    const auto code_for = [](std::string_view bytes) {
        std::uint16_t code = 0;
        stage s(false);
        s.play(send_nonsense(s, bytes, code));
        return code;
    };
    CHECK(code_for(client_frame(websocket_opcode::text, "{}")) == http::closed_unsupported);
    CHECK(code_for(client_frame(websocket_opcode::binary, "{}")) == http::closed_bad_content);
    CHECK(code_for("GET / HTTP/1.1\r\n\r\n") == http::closed_protocol_error);
    CHECK(code_for(client_frame(websocket_opcode::close, "")) == http::closed_normally);
    CHECK(code_for(std::string("\x82\xff\x00\x00\x00\x00\x7f\x00\x00\x00"
                               "mask",
                               14)) == http::closed_too_large);
}

awaitable<void> wait_for_end(stage& s) {
    while (s.gateway->is_open()) {
        asio::steady_timer pause(s.io, 1ms);
        co_await pause.async_wait(as_values);
    }
}

TEST_CASE("what was read behind the handshake is the stream's beginning") {
    stage s(false, settings_of(http::websocket_role::server),
            client_frame(websocket_opcode::close, ""));
    s.play(wait_for_end(s));
    CHECK(s.gateway_end.find("1000") != std::string::npos);
}

}  // namespace
}  // namespace crosstalk::net
