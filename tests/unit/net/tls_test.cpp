// TLS over a byte_stream, against OpenSSL's own server side.
#include "net/tls.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <vector>

#include "loop.hpp"
#include "net/dial.hpp"
#include "tls_server.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

const certificate& own() {
    static const certificate c("DNS:example.org,DNS:*.wild.example,IP:127.0.0.1");
    return c;
}

tls_client_context trusting(const std::string& ca_file) {
    auto context = make_tls_client_context(ca_file);
    REQUIRE(context.has_value());
    return *context;
}

/// Dials, makes the handshake with `name`, and keeps the stream.
awaitable<result<byte_stream>> secured(std::uint16_t port, tls_client_context context, std::string name,
                                       std::string alpn) {
    const auto ex = co_await asio::this_coro::executor;
    resolver names(ex, {});
    auto stream = co_await dial_tcp(names, "127.0.0.1", port, 5s);
    if (!stream) co_return stream;
    stream->read_deadline(soon());
    const auto done = co_await stream->start_tls(context, name, alpn);
    if (!done) co_return done.error();
    co_return stream;
}

awaitable<error_code> handshake_error(std::uint16_t port, tls_client_context context,
                                      std::string name) {
    const auto stream = co_await secured(port, context, name, "");
    co_return stream ? error_code() : stream.error();
}

awaitable<xmpp::tls_facts> facts_of(std::uint16_t port, tls_client_context context) {
    const auto stream = co_await secured(port, context, "example.org", "xmpp-client");
    co_return stream.value().facts();
}

awaitable<std::string> everything_from(std::uint16_t port, tls_client_context context) {
    auto stream = co_await secured(port, context, "example.org", "");
    auto all = co_await read_to_end(stream.value());
    co_return all ? std::move(*all) : all.error().message();
}

awaitable<void> send_to(std::uint16_t port, tls_client_context context,
                        const std::vector<std::string>& pieces) {
    auto stream = co_await secured(port, context, "example.org", "");
    std::vector<asio::const_buffer> buffers;
    for (const auto& p : pieces) buffers.push_back(asio::buffer(p));
    const auto sent = co_await stream.value().write(buffers);
    CHECK(sent.has_value());
    stream.value().shutdown_send();
    // Closed with something unread, session tickets for one, the connection would be reset.
    const auto rest = co_await read_to_end(stream.value());
    CHECK(rest.has_value());
}

awaitable<void> send_whole(byte_stream& stream, const std::string& text) {
    const auto sent = co_await stream.write(text);
    CHECK(sent.has_value());
}

awaitable<std::string> echoed(std::uint16_t port, tls_client_context context, const std::string& text) {
    const auto ex = co_await asio::this_coro::executor;
    auto stream = co_await secured(port, context, "example.org", "");
    task_group group(ex);
    group.spawn(send_whole(stream.value(), text));
    auto all = co_await read_to_end(stream.value());
    co_await group.join();
    co_return all ? std::move(*all) : all.error().message();
}

awaitable<error_code> read_once_with_deadline(std::uint16_t port, tls_client_context context) {
    auto stream = co_await secured(port, context, "example.org", "");
    stream.value().read_deadline(base::clock::now() + 5ms);
    std::array<char, 10> buffer{};
    const auto got = co_await stream.value().read_some(asio::buffer(buffer));
    co_return got ? error_code() : got.error();
}

error_code verdict(const std::string& ca_file, const std::string& name) {
    threaded_server server([](served_connection& c) { c.secure(own()); });
    asio::io_context io;
    return run(io, handshake_error(server.port(), trusting(ca_file), name));
}

}  // namespace

TEST_CASE("a trusted certificate with the right name is accepted") {
    CHECK_FALSE(verdict(own().file(), "example.org"));
    CHECK_FALSE(verdict(own().file(), "EXAMPLE.org"));
    CHECK_FALSE(verdict(own().file(), "127.0.0.1"));
    CHECK_FALSE(verdict(own().file(), "a.wild.example"));
}

TEST_CASE("a certificate for other names is refused as a certificate error") {
    for (const char* name :
         {"example.com", "www.example.org", "127.0.0.2", "a.b.wild.example", "test"}) {
        CAPTURE(name);
        CHECK(is_certificate_error(verdict(own().file(), name)));
    }
}

TEST_CASE("a certificate of an unknown authority is refused as a certificate error") {
    const auto error = verdict("", "example.org");
    CHECK(is_certificate_error(error));
    CHECK(error.message().find("self-signed") != std::string::npos);
}

TEST_CASE("a server that speaks no TLS is an error, but not of its certificate") {
    threaded_server server([](served_connection& c) {
        c.read();
        c.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    asio::io_context io;
    const auto error = run(io, handshake_error(server.port(), trusting(own().file()), "example.org"));
    CHECK(error);
    CHECK_FALSE(is_certificate_error(error));
}

TEST_CASE("a file without certificates makes no context") {
    CHECK(make_tls_client_context("/nonexistent/ca.pem").has_error());
    std::string form = "/tmp/crosstalk-net-XXXXXX";
    REQUIRE(::mkstemp(form.data()) >= 0);
    std::ofstream(form) << "not a certificate\n";
    CHECK(make_tls_client_context(form).has_error());
    std::remove(form.c_str());
}

TEST_CASE("both sides know the same channel") {
    std::string exporter;
    std::string protocol;
    xmpp::tls_facts facts;
    {
        threaded_server server([&](served_connection& c) {
            c.secure(own());
            exporter = c.exporter();
            protocol = c.protocol();
        });
        asio::io_context io;
        facts = run(io, facts_of(server.port(), trusting(own().file())));
    }
    CHECK(facts.exporter.size() == 32);
    CHECK(facts.exporter == exporter);
    CHECK(facts.end_point == own().sha256());
    CHECK(protocol == "xmpp-client");
}

TEST_CASE("a connection cut without close_notify is the end of the file") {
    threaded_server server([](served_connection& c) {
        c.secure(own());
        c.write("so far");
        c.drop();
    });
    asio::io_context io;
    CHECK(run(io, everything_from(server.port(), trusting(own().file()))) == "so far");
}

TEST_CASE("many small buffers become few full records, and the end is said in order") {
    std::vector<std::string> pieces;
    std::string whole;
    for (int i = 0; i < 1000; ++i) {
        pieces.push_back(pattern(100 + static_cast<std::size_t>(i % 7)));
        whole += pieces.back();
    }
    std::string received;
    int records = 0;
    bool said_goodbye = false;
    {
        threaded_server server([&](served_connection& c) {
            c.secure(own());
            for (std::string part = c.read(); !part.empty(); part = c.read()) {
                ++records;
                received += part;
            }
            said_goodbye = c.said_goodbye();
        });
        asio::io_context io;
        run(io, send_to(server.port(), trusting(own().file()), pieces));
    }
    CHECK(received == whole);
    CHECK(records <= static_cast<int>(whole.size() / (16 * 1024)) + 2);
    CHECK(said_goodbye);
}

TEST_CASE("megabytes go both ways at the same time and arrive intact") {
    const std::string text = pattern(3'000'003);
    threaded_server server([&](served_connection& c) {
        c.secure(own());
        for (std::size_t seen = 0; seen < text.size();) {
            const std::string part = c.read();
            if (part.empty()) return;
            seen += part.size();
            c.write(part);
        }
    });
    asio::io_context io;
    CHECK(run(io, echoed(server.port(), trusting(own().file()), text)) == text);
}

TEST_CASE("a deadline ends a read that waits for a record") {
    threaded_server server([](served_connection& c) {
        c.secure(own());
        c.read();
    });
    asio::io_context io;
    CHECK(run(io, read_once_with_deadline(server.port(), trusting(own().file()))) ==
          asio::error::timed_out);
}
