// The server's side of TLS: contexts, the engine without a socket, and byte_stream::accept_tls.
#include <doctest/doctest.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <unistd.h>

#include <thread>

#include "loop.hpp"
#include "net/error.hpp"
#include "net/http_connection.hpp"
#include "net/tls.hpp"
#include "net/tls_engine.hpp"
#include "tls_server.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

const certificate& own() {
    static const certificate c("DNS:example.org");
    return c;
}

const tls_server_context& serving() {
    static const tls_server_context context =
        make_tls_server_context(own().pem(), own().key_pem()).value();
    return context;
}

const tls_client_context& trusting() {
    static const tls_client_context context = make_tls_client_context(own().file()).value();
    return context;
}

/// Moves what one engine has to say to the other, in pieces of `most` bytes.
void carry(tls_engine& from, tls_engine& to, std::size_t most,
           const std::function<void(tls_engine&)>& look) {
    const std::string bytes = std::move(from.output());
    from.output().clear();
    for (std::size_t done = 0; done < bytes.size(); done += most) {
        const auto piece = std::string_view(bytes).substr(done, most);
        const auto space = to.input_space();
        REQUIRE(space.size() >= piece.size());
        piece.copy(space.data(), piece.size());
        to.fed(piece.size());
        look(to);
    }
}

struct engine_pair {
    std::unique_ptr<tls_engine> client =
        tls_engine::client(trusting().ssl->native_handle(), "example.org", "http/1.1").value();
    std::unique_ptr<tls_engine> server = tls_engine::server(serving().ssl->native_handle()).value();

    void shake_hands(std::size_t most) {
        const auto go_on = [](tls_engine& engine) {
            const auto done = engine.handshake();
            REQUIRE(done.has_value());
            // Session tickets come after it, and have to be taken.
            std::array<char, 1> none{};
            if (*done == tls_engine::progress::done)
                REQUIRE(engine.read(none.data(), none.size()).value() == 0);
        };
        go_on(*client);
        for (int turn = 0; turn < 3; ++turn) {
            carry(*client, *server, most, go_on);
            carry(*server, *client, most, go_on);
        }
        REQUIRE(client->handshake().value() == tls_engine::progress::done);
        REQUIRE(server->handshake().value() == tls_engine::progress::done);
    }
};

std::string sent(tls_engine& from, tls_engine& to, std::size_t most, const std::string& text) {
    std::string got;
    REQUIRE(from.write(text).has_value());
    carry(from, to, most, [&](tls_engine& engine) {
        std::array<char, 1000> buffer{};
        for (;;) {
            const auto size = engine.read(buffer.data(), buffer.size());
            REQUIRE(size.has_value());
            if (*size == 0) break;
            got.append(buffer.data(), *size);
        }
    });
    return got;
}

awaitable<void> accept(byte_stream& stream, result<void>& into) {
    into = co_await stream.accept_tls(serving());
}

awaitable<void> start(byte_stream& stream, std::string alpn, result<void>& into) {
    into = co_await stream.start_tls(trusting(), "example.org", alpn);
}

const error_code not_done = asio::error::would_block;

/// Both ends of a connection, with the outcome of each one's handshake.
struct secured_pair {
    explicit secured_pair(asio::io_context& io, const std::string& alpn = "")
        : ends(connected_pair(io.get_executor())) {
        task_group group(io.get_executor());
        ends.near.read_deadline(soon());
        ends.far.read_deadline(soon());
        group.spawn(accept(ends.near, served));
        group.spawn(start(ends.far, alpn, dialled));
        run(io, group.join());
    }
    stream_pair ends;
    result<void> served = not_done, dialled = not_done;
};

awaitable<result<void>> accept_from(byte_stream& near, byte_stream& far, std::string said) {
    const auto written = co_await far.write(said);
    CHECK(written.has_value());
    near.read_deadline(soon());
    const auto done = co_await near.accept_tls(serving());
    co_return done;
}

awaitable<void> send_and_end(byte_stream& to, std::string text) {
    const auto written = co_await to.write(text);
    CHECK(written.has_value());
    to.shutdown_send();
}

awaitable<void> receive(byte_stream& from, std::string& into) {
    auto all = co_await read_to_end(from);
    into = all ? std::move(*all) : all.error().message();
}

/// A client of OpenSSL's own, blocking, which asks for new keys `times` times, reads nothing, and then
/// says "done".
void ask_for_keys(int fd, int times) {
    ::signal(SIGPIPE, SIG_IGN);
    SSL* const ssl = SSL_new(trusting().ssl->native_handle());
    SSL_set_fd(ssl, fd);
    bool goes_on = SSL_connect(ssl) == 1;
    for (int i = 0; goes_on && i < times; ++i)
        goes_on = SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(ssl) == 1;
    if (goes_on && SSL_write(ssl, "done", 4) == 4) {
        SSL_shutdown(ssl);
        std::array<char, 100> rest{};
        while (SSL_read(ssl, rest.data(), static_cast<int>(rest.size())) > 0) continue;
    }
    SSL_free(ssl);
    ::close(fd);
}

awaitable<result<std::string>> accept_and_read(byte_stream& stream) {
    stream.read_deadline(soon());
    const auto secured = co_await stream.accept_tls(serving());
    if (!secured) co_return secured.error();
    auto all = co_await read_to_end(stream);
    co_return all;
}

/// What a server reads from such a client.
result<std::string> read_amid_keys(int times) {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) == 0);
    std::thread client(ask_for_keys, ends[1], times);
    asio::io_context io;
    auto near = adopt(stream_socket(io.get_executor(), {AF_UNIX, 0}, ends[0]));
    auto all = run(io, accept_and_read(near));
    near.close();
    client.join();
    return all;
}

error_code context_error(const std::string& certificate, const std::string& key) {
    const auto made = make_tls_server_context(certificate, key);
    return made ? error_code() : made.error();
}

}  // namespace

TEST_CASE("a certificate with its chain and its key make a context") {
    const certificate other("DNS:authority.example");
    CHECK_FALSE(context_error(own().pem(), own().key_pem()));
    CHECK_FALSE(context_error(own().pem() + other.pem(), own().key_pem()));
    CHECK_FALSE(context_error("# the site's\n\n" + own().pem(), "\n" + own().key_pem()));
}

TEST_CASE("what makes no context is told apart") {
    const certificate other("DNS:other.example");
    CHECK(context_error("", own().key_pem()) == errc::bad_certificate);
    CHECK(context_error(own().key_pem(), own().key_pem()) == errc::bad_certificate);
    CHECK(context_error(own().pem().substr(0, 200), own().key_pem()) == errc::bad_certificate);
    CHECK(context_error(own().pem() + other.pem().substr(0, 200), own().key_pem()) ==
          errc::bad_certificate);
    CHECK(context_error(own().pem(), "") == errc::bad_key);
    CHECK(context_error(own().pem(), own().pem()) == errc::bad_key);
    CHECK(context_error(own().pem(), own().key_pem().substr(0, 60)) == errc::bad_key);
    CHECK(context_error(own().pem(), own().key_pem("hush")) == errc::encrypted_key);
    CHECK(context_error(own().pem(), other.key_pem()) == errc::key_mismatch);
    CHECK(context_error(other.pem() + own().pem(), own().key_pem()) == errc::key_mismatch);
}

TEST_CASE("a handshake and what follows may come one byte at a time") {
    for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        CAPTURE(most);
        engine_pair pair;
        pair.shake_hands(most);
        CHECK(pair.client->facts().exporter == pair.server->facts().exporter);
        const std::string text = pattern(40'000);
        CHECK(sent(*pair.client, *pair.server, most, text) == text);
        CHECK(sent(*pair.server, *pair.client, most, text) == text);
    }
}

TEST_CASE("the end that comes along with the last bytes is told after them, as often as one asks") {
    engine_pair pair;
    pair.shake_hands(4096);
    REQUIRE(pair.client->write("last words").has_value());
    pair.client->close_notify();
    std::array<char, 100> buffer{};
    const auto& said = pair.client->output();
    const auto space = pair.server->input_space();
    REQUIRE(space.size() >= said.size());
    said.copy(space.data(), said.size());
    pair.server->fed(said.size());
    CHECK(pair.server->read(buffer.data(), buffer.size()).value() == 10);
    for (int again = 0; again < 2; ++again) {
        CHECK(pair.server->has_input());
        CHECK(pair.server->read(buffer.data(), buffer.size()).error() == asio::error::eof);
    }
}

TEST_CASE("a server and a client that agree on http/1.1, or on nothing, talk") {
    asio::io_context io;
    for (const char* alpn : {"", "http/1.1"}) {
        CAPTURE(alpn);
        secured_pair pair(io, alpn);
        CHECK(pair.served.has_value());
        CHECK(pair.dialled.has_value());
        CHECK(pair.ends.near.is_tls());
    }
}

TEST_CASE("a client that wants another protocol than http/1.1 is refused") {
    asio::io_context io;
    for (const char* alpn : {"h2", "http/1.0", "http/1.10"}) {
        CAPTURE(alpn);
        secured_pair pair(io, alpn);
        CHECK(pair.served.has_error());
        CHECK(pair.dialled.has_error());
        CHECK_FALSE(pair.ends.near.is_tls());
    }
}

TEST_CASE("a server sends and receives megabytes at the same time, and says the end in order") {
    asio::io_context io;
    secured_pair pair(io);
    REQUIRE(pair.dialled.has_value());
    const std::string up = pattern(3'000'003), down = up.substr(5) + "end";
    std::string got_up, got_down;
    task_group group(io.get_executor());
    group.spawn(send_and_end(pair.ends.far, up));
    group.spawn(send_and_end(pair.ends.near, down));
    group.spawn(receive(pair.ends.near, got_up));
    group.spawn(receive(pair.ends.far, got_down));
    run(io, group.join());
    CHECK(got_up == up);
    CHECK(got_down == down);
}

TEST_CASE("http in the clear is recognized, and may be answered in the clear") {
    asio::io_context io;
    auto ends = connected_pair(io.get_executor());
    const auto done =
        run(io, accept_from(ends.near, ends.far, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"));
    REQUIRE(done.has_error());
    CHECK(is_plain_http(done.error()));
    CHECK_FALSE(ends.near.is_tls());
    std::string heard;
    task_group group(io.get_executor());
    group.spawn(send_and_end(ends.near, "HTTP/1.1 400 Bad Request\r\n"));
    group.spawn(receive(ends.far, heard));
    run(io, group.join());
    CHECK(heard == "HTTP/1.1 400 Bad Request\r\n");
}

TEST_CASE("what is neither TLS nor http fails the handshake") {
    asio::io_context io;
    for (const std::string& said :
         {pattern(2000), std::string(64, '\0'), std::string("\x16\x03\x01\x00\x05hello", 10),
          std::string("<?xml version='1.0'?><stream:stream>")}) {
        auto ends = connected_pair(io.get_executor());
        const auto done = run(io, accept_from(ends.near, ends.far, said));
        REQUIRE(done.has_error());
        CHECK_FALSE(is_plain_http(done.error()));
    }
}

TEST_CASE("a client that leaves in the middle of the handshake is the end of the file") {
    asio::io_context io;
    auto hello = tls_engine::client(trusting().ssl->native_handle(), "example.org", "").value();
    REQUIRE(hello->handshake().has_value());
    const std::string whole = hello->output();
    for (const std::size_t size : {std::size_t{0}, std::size_t{3}, whole.size() / 2, whole.size()}) {
        CAPTURE(size);
        auto ends = connected_pair(io.get_executor());
        result<void> done = not_done;
        ends.near.read_deadline(soon());
        task_group group(io.get_executor());
        group.spawn(accept(ends.near, done));
        group.spawn(send_and_end(ends.far, whole.substr(0, size)));
        run(io, group.join());
        CHECK(done.error() == asio::error::eof);
    }
}

TEST_CASE("a client may ask for new keys") { CHECK(read_amid_keys(20).value() == "done"); }

TEST_CASE("a client that asks for new keys for ever and takes none is given up") {
    CHECK(read_amid_keys(100'000).has_error());
}

TEST_CASE("a client that stalls in the handshake has no longer than for a head") {
    asio::io_context io;
    auto ends = connected_pair(io.get_executor());
    http_connection_settings settings;
    settings.header = 5ms;
    http_connection server(io.get_executor(), std::move(ends.near), settings);
    CHECK(run(io, server.accept_tls(serving())).error() == asio::error::timed_out);
}

TEST_CASE("a connection whose handshake is awaited counts as idle, and may be closed") {
    asio::io_context io;
    auto ends = connected_pair(io.get_executor());
    http_connection server(io.get_executor(), std::move(ends.near), {});
    result<void> done = not_done;
    const auto shake = [](http_connection& c, result<void>& into) -> awaitable<void> {
        into = co_await c.accept_tls(serving());
    };
    task_group group(io.get_executor());
    group.spawn(shake(server, done));
    io.poll();
    CHECK(server.is_idle());
    server.close();
    run(io, group.join());
    CHECK(done.error() == asio::error::operation_aborted);
}
