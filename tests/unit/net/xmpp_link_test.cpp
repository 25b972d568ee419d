// Links kept alive, against servers that follow a script.
#include "net/xmpp_link.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "loop.hpp"
#include "net/error.hpp"
#include "net/listener.hpp"
#include "scripted_link.hpp"
#include "tls_server.hpp"
#include "xmpp/error.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

/// Reads until what came contains `what`; all that came.
awaitable<std::string> expect(byte_stream& from, std::string what) {
    std::string all;
    std::array<char, 65536> buffer{};
    from.read_deadline(soon());
    while (all.find(what) == std::string::npos) {
        const auto got = co_await from.read_some(asio::buffer(buffer));
        if (!got) co_return all + "<" + got.error().message() + ">";
        all.append(buffer.data(), *got);
    }
    co_return all;
}

awaitable<byte_stream> accepted(listener& at) {
    auto stream = co_await at.accept();
    co_return std::move(stream.value());
}

/// Accepts a link and lets it go online.
awaitable<byte_stream> logged_in(listener& at) {
    auto stream = co_await accepted(at);
    const auto hello = co_await expect(stream, "\n");
    CHECK(hello.starts_with("hello "));
    const auto sent = co_await stream.write("online\n");
    CHECK(sent.has_value());
    co_return std::move(stream);
}

awaitable<void> until(linked& l, std::string line, long times) {
    while (l.count(line) < times) {
        const bool rang = co_await l.told.wait(soon());
        REQUIRE(rang);
    }
}

listener any_port(asio::io_context& io) {
    return std::move(listener::open(io.get_executor(), "127.0.0.1:0").value());
}

/// Stops the link; its server goes too, without a word.
awaitable<void> stop_and_join(linked& l, byte_stream& server) {
    l.link->stop();
    server.close();
    co_await l.group.join();
}

awaitable<std::string> serve_stanzas(listener& at, linked& l) {
    auto stream = co_await logged_in(at);
    co_await until(l, "online me@example.org/x", 1);
    const auto burst = co_await expect(stream, "last\n");
    const auto sent = co_await stream.write("s one\ns two\ns three\n");
    CHECK(sent.has_value());
    co_await until(l, "stanza three", 1);
    l.link->stop();
    const auto farewell = co_await expect(stream, "bye\n");
    const auto answered = co_await stream.write("end 12\n");
    CHECK(answered.has_value());
    co_await l.group.join();
    co_return burst + farewell;
}

awaitable<void> lose_twice(listener& at, linked& l) {
    for (int i = 0; i < 2; ++i) {
        auto stream = co_await logged_in(at);
        co_await until(l, "online me@example.org/x", i + 1);
        stream.close();
        co_await until(l, "offline", i + 1);
    }
    auto third = co_await logged_in(at);
    co_await until(l, "online me@example.org/x", 3);
    co_await stop_and_join(l, third);
}

awaitable<void> refuse_logins(listener& at, linked& l, std::string answer, int times) {
    for (int i = 0; i < times; ++i) {
        auto stream = co_await accepted(at);
        const auto hello = co_await expect(stream, "\n");
        const auto sent = co_await stream.write(answer);
        CHECK(sent.has_value());
        co_await until(l, l.settings.login_failure_is_final ? "end" : "offline", i + 1);
    }
    if (!l.settings.login_failure_is_final) l.link->stop();
    co_await l.group.join();
}

awaitable<void> say_nothing(listener& at, linked& l) {
    auto stream = co_await accepted(at);
    co_await until(l, "offline", 1);
    co_await stop_and_join(l, stream);
}

awaitable<std::string> answer_first_ping_only(listener& at, linked& l) {
    auto stream = co_await logged_in(at);
    const auto first = co_await expect(stream, "ping\n");
    const auto sent = co_await stream.write("s pong\n");
    CHECK(sent.has_value());
    const auto second = co_await expect(stream, "ping\n");
    co_await until(l, "offline", 1);
    co_await stop_and_join(l, stream);
    co_return first + second;
}

awaitable<void> overfill(listener& at, linked& l) {
    auto stream = co_await logged_in(at);
    co_await until(l, "online me@example.org/x", 1);
    const std::string stanza(10'000, 'x');
    long sent = 0;
    result<void> last;
    while (l.link->may_send()) {
        last = l.link->send(stanza);
        ++sent;
    }
    CHECK(last.has_value());
    while (last = l.link->send(stanza), last.has_value()) ++sent;
    CHECK(last.error() == xmpp::errc::too_many_queued);
    CHECK(l.count("writable") == 0);
    std::size_t received = 0;
    std::array<char, 65536> buffer{};
    while (received < static_cast<std::size_t>(sent) * 10'001) {
        const auto got = co_await stream.read_some(asio::buffer(buffer));
        REQUIRE(got.has_value());
        received += *got;
    }
    co_await until(l, "writable", 1);
    CHECK(l.link->may_send());
    co_await stop_and_join(l, stream);
    CHECK(l.link->send(stanza).error() == xmpp::errc::not_online);
}

awaitable<void> appear_late(asio::io_context& io, std::uint16_t port, linked& l) {
    co_await until(l, "offline", 3);
    auto at = std::move(listener::open(io.get_executor(), "127.0.0.1:" + std::to_string(port)).value());
    auto stream = co_await logged_in(at);
    co_await until(l, "online me@example.org/x", 1);
    co_await stop_and_join(l, stream);
}

awaitable<void> cancel_when_online(listener& at, linked& l) {
    const auto stream = co_await logged_in(at);
    co_await until(l, "online me@example.org/x", 1);
    l.group.cancel();
    co_await l.group.join();
}

awaitable<void> finish_when(linked& l, std::string line) {
    co_await until(l, line, 1);
    if (line != "end") l.link->stop();
    co_await l.group.join();
}

}  // namespace

TEST_CASE("stanzas go both ways in order, and stop() closes the stream in order") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.on_line = [&](const std::string& line) {
        if (!line.starts_with("online")) return;
        for (int i = 0; i < 100; ++i) CHECK(l.link->send("stanza" + std::to_string(i)).has_value());
        CHECK(l.link->send("last").has_value());
    };
    l.start(io);
    CHECK_FALSE(l.link->send("too early").has_value());
    std::string expected;
    for (int i = 0; i < 100; ++i) expected += "stanza" + std::to_string(i) + "\n";
    CHECK(run(io, serve_stanzas(at, l)) == expected + "last\n" + "bye\n");
    CHECK(l.log == std::vector<std::string>{"online me@example.org/x", "stanza one", "stanza two",
                                            "stanza three", "end"});
    CHECK(l.end->has_value());
    CHECK(l.idle >= 2);
    CHECK_FALSE(l.link->is_online());
    CHECK(l.session.times_lost == 0);
}

TEST_CASE("a link that is lost comes back, each time with fresh randomness") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.start(io);
    run(io, lose_twice(at, l));
    CHECK(l.end->has_value());
    CHECK(l.session.randoms.size() == 3);
    CHECK(l.session.randoms[0] != l.session.randoms[1]);
    CHECK(l.session.randoms[0].size() >= 24);
    CHECK(l.session.times_lost >= 2);
    CHECK(l.words.find("closed the connection") != std::string::npos);
    CHECK(l.words.find("127.0.0.1:" + std::to_string(at.port())) != std::string::npos);
}

TEST_CASE("a server that is not there at first is waited for") {
    asio::io_context io;
    std::uint16_t port = 0;
    {
        const auto at = any_port(io);
        port = at.port();
    }
    linked l(io, port);
    l.start(io);
    run(io, appear_late(io, port, l));
    CHECK(l.offline == asio::error::connection_refused);
    CHECK(l.link->trouble().empty());
}

TEST_CASE("a refused login is tried again, or final where the settings say so") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    const auto refusal = "end " + std::to_string(static_cast<int>(xmpp::errc::not_authorized)) + "\n";
    SUBCASE("again") {
        l.start(io);
        run(io, refuse_logins(at, l, refusal, 3));
        CHECK(l.end->has_value());
        CHECK(l.offline == xmpp::errc::not_authorized);
    }
    SUBCASE("final") {
        l.settings.login_failure_is_final = true;
        l.start(io);
        run(io, refuse_logins(at, l, refusal, 1));
        CHECK(l.end->error() == xmpp::errc::not_authorized);
        CHECK(l.count("offline") == 0);
        CHECK(l.link->trouble().find("said so") != std::string::npos);
        CHECK(l.session.randoms.size() == 1);
    }
}

TEST_CASE("a server that is shutting down is tried again even where refusals are final") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.settings.login_failure_is_final = true;
    l.on_line = [&](const std::string& line) {
        if (line == "offline") l.link->stop();
    };
    l.start(io);
    const auto leaving = "end " + std::to_string(static_cast<int>(xmpp::errc::system_shutdown)) + "\n";
    run(io, refuse_logins(at, l, leaving, 1));
    CHECK(l.end->has_value());
    CHECK(l.count("offline") == 1);
}

TEST_CASE("a server that does not let anyone log in in time is given up") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.settings.login_timeout = 20ms;
    l.start(io);
    run(io, say_nothing(at, l));
    CHECK(l.offline == errc::login_timed_out);
}

TEST_CASE("silence is broken by a ping, and a ping without an answer means half-open") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.settings.silence = 20ms;
    l.settings.silence_limit = 200ms;
    l.settings.ping_stanza = [] { return std::string("ping"); };
    l.start(io);
    CHECK(run(io, answer_first_ping_only(at, l)) == "ping\nping\n");
    CHECK(l.offline == errc::half_open);
    CHECK(l.count("stanza pong") == 1);
}

TEST_CASE("the queue is bounded, and its owner is told when there is room again") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.start(io);
    run(io, overfill(at, l));
}

TEST_CASE("a link that is stopped while it connects or pauses ends at once") {
    asio::io_context io;
    linked l(io, 1);
    SUBCASE("pausing") {
        l.settings.backoff_first = l.settings.backoff_most = 600s;
        l.start(io);
        run(io, finish_when(l, "offline"));
    }
    SUBCASE("before anything") {
        l.start(io);
        l.link->stop();
        run(io, finish_when(l, "end"));
    }
    CHECK(l.end->has_value());
}

TEST_CASE("cancelling the task drops the connection and leaves nothing behind") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.start(io);
    run(io, cancel_when_online(at, l));
    CHECK(l.group.size() == 0);
    CHECK(l.session.times_lost == 1);
    CHECK_FALSE(l.link->is_online());
}

TEST_CASE(
    "the stream becomes secure when the session asks for it, and the session learns the channel") {
    const certificate own("DNS:example.org");
    std::string inside;
    asio::io_context io;
    {
        threaded_server server([&](served_connection& c) {
            c.read();
            c.write("tls\n");
            if (!c.secure(own)) return;
            inside = c.read();
            c.write("online\n");
            c.read();
            c.write("end 12\n");
        });
        linked l(io, server.port());
        l.settings.tls = make_tls_client_context(own.file()).value();
        l.start(io);
        run(io, finish_when(l, "online me@example.org/x"));
        CHECK(l.end->has_value());
        CHECK_FALSE(l.session.began_secure);
        CHECK(l.session.last_facts.end_point == own.sha256());
    }
    CHECK(inside == "secured\n");
}

TEST_CASE("direct TLS is there before the session begins") {
    const certificate own("DNS:example.org");
    std::string protocol;
    asio::io_context io;
    {
        threaded_server server([&](served_connection& c) {
            if (!c.secure(own)) return;
            protocol = c.protocol();
            c.read();
            c.write("online\n");
            c.read();
            c.write("end 12\n");
        });
        linked l(io, server.port());
        l.settings.tls = make_tls_client_context(own.file()).value();
        l.settings.direct_tls = true;
        l.start(io);
        run(io, finish_when(l, "online me@example.org/x"));
        CHECK(l.session.began_secure);
        CHECK(l.session.last_facts.exporter.size() == 32);
    }
    CHECK(protocol == "xmpp-client");
}

TEST_CASE(
    "a certificate that does not hold ends the link where refusals are final, and nothing was said") {
    const certificate own("DNS:other.example");
    asio::io_context io;
    std::string inside;
    {
        threaded_server server([&](served_connection& c) {
            if (c.secure(own)) inside = c.read();
        });
        linked l(io, server.port());
        l.settings.tls = make_tls_client_context(own.file()).value();
        l.settings.direct_tls = true;
        l.settings.login_failure_is_final = true;
        l.start(io);
        run(io, finish_when(l, "end"));
        CHECK(is_certificate_error(l.end->error()));
        CHECK(l.link->trouble().find("--ca-file") != std::string::npos);
        CHECK(l.session.randoms.empty());
    }
    CHECK(inside.empty());
}

TEST_CASE("a session that asks for TLS where none is configured is not let on in the clear") {
    asio::io_context io;
    auto at = any_port(io);
    linked l(io, at.port());
    l.settings.login_failure_is_final = true;
    l.start(io);
    run(io, refuse_logins(at, l, "tls\n", 1));
    CHECK(l.end->error() == errc::tls_not_configured);
}
