// Listening sockets.
#include "net/listener.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "loop.hpp"
#include "net/dial.hpp"
#include "net/error.hpp"

using namespace crosstalk;
using namespace crosstalk::net;
using namespace crosstalk::net::test;

namespace {

struct folder {
    folder() {
        std::string form = (std::filesystem::temp_directory_path() / "crosstalk-net-XXXXXX").string();
        path = ::mkdtemp(form.data());
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

awaitable<void> accept_one(listener& l, result<byte_stream>& into) {
    auto accepted = co_await l.accept();
    into = std::move(accepted);
}

awaitable<void> dial_one(resolver& names, std::string host, std::uint16_t port,
                         result<byte_stream>& into) {
    auto dialled = co_await dial_tcp(names, host, port, 5s);
    into = std::move(dialled);
}

awaitable<void> dial_path(std::string path, result<byte_stream>& into) {
    auto dialled = co_await dial_unix(path, 5s);
    into = std::move(dialled);
}

}  // namespace

TEST_CASE("what listens on port 0 says which port it got, and each side sees the other's address") {
    asio::io_context io;
    for (const std::string host : {"127.0.0.1", "[::1]"}) {
        auto l = listener::open(io.get_executor(), host + ":0");
        REQUIRE(l.has_value());
        CHECK(l->port() != 0);
        resolver names(io.get_executor(), {});
        result<byte_stream> served = error_code(asio::error::would_block);
        result<byte_stream> dialled = error_code(asio::error::would_block);
        task_group group(io.get_executor());
        group.spawn(accept_one(*l, served));
        const std::string plain = host == "[::1]" ? "::1" : host;
        group.spawn(dial_one(names, plain, l->port(), dialled));
        io.run();
        io.restart();
        REQUIRE(served.has_value());
        REQUIRE(dialled.has_value());
        CHECK(served->remote_address() == plain);
        CHECK(served->remote_port() == dialled->local_port());
        CHECK(served->local_port() == l->port());
        CHECK(dialled->remote_port() == l->port());
    }
}

TEST_CASE("an address that is not written as one is refused") {
    asio::io_context io;
    for (const char* where :
         {"", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536",
          "127.0.0.1:-1", "::1:80", "[::1]", "[127.0.0.1]:80", "example.org:80", "unix:"}) {
        CAPTURE(where);
        const auto l = listener::open(io.get_executor(), where);
        REQUIRE(l.has_error());
        CHECK(l.error() == errc::bad_address);
    }
    const auto too_long = listener::open(io.get_executor(), "unix:/tmp/" + std::string(120, 'x'));
    CHECK(too_long.error() == errc::bad_address);
}

TEST_CASE("a port that is taken is refused") {
    asio::io_context io;
    const auto first = listener::open(io.get_executor(), "127.0.0.1:0");
    REQUIRE(first.has_value());
    const auto second = listener::open(io.get_executor(), "127.0.0.1:" + std::to_string(first->port()));
    CHECK(second.error() == asio::error::address_in_use);
}

TEST_CASE("closing ends a pending accept with operation_aborted") {
    asio::io_context io;
    auto l = listener::open(io.get_executor(), "127.0.0.1:0");
    result<byte_stream> served = error_code(asio::error::would_block);
    task_group group(io.get_executor());
    group.spawn(accept_one(*l, served));
    io.poll();
    l->close();
    io.run();
    CHECK(served.error() == asio::error::operation_aborted);
}

TEST_CASE("a unix socket file that nobody listens on is replaced, others are not") {
    asio::io_context io;
    const folder dir;
    const std::string path = dir.path / "s";
    const std::string where = "unix:" + path;

    SUBCASE("left over") {
        const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        path.copy(name.sun_path, sizeof name.sun_path - 1);
        REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0);
        ::close(fd);
        auto l = listener::open(io.get_executor(), where);
        REQUIRE(l.has_value());
        CHECK(l->port() == 0);
        result<byte_stream> served = error_code(asio::error::would_block);
        result<byte_stream> dialled = error_code(asio::error::would_block);
        task_group group(io.get_executor());
        group.spawn(accept_one(*l, served));
        group.spawn(dial_path(path, dialled));
        io.run();
        CHECK(served.has_value());
        CHECK(dialled.has_value());
        CHECK(served->remote_address().empty());
    }
    SUBCASE("in use") {
        const auto first = listener::open(io.get_executor(), where);
        REQUIRE(first.has_value());
        const auto second = listener::open(io.get_executor(), where);
        CHECK(second.error() == asio::error::address_in_use);
    }
    SUBCASE("not a socket") {
        std::ofstream(path) << "precious";
        const auto l = listener::open(io.get_executor(), where);
        CHECK(l.error() == asio::error::address_in_use);
        CHECK(std::filesystem::file_size(path) == 8);
    }
}

TEST_CASE("a unix socket takes its file along, unless another one has taken its place") {
    asio::io_context io;
    const folder dir;
    const std::string path = dir.path / "s";
    auto first = listener::open(io.get_executor(), "unix:" + path);
    REQUIRE(first.has_value());
    SUBCASE("its own") {
        first->close();
        CHECK_FALSE(std::filesystem::exists(path));
    }
    SUBCASE("another's") {
        std::filesystem::rename(path, path + ".old");
        const auto second = listener::open(io.get_executor(), "unix:" + path);
        REQUIRE(second.has_value());
        first->close();
        CHECK(std::filesystem::exists(path));
    }
}

TEST_CASE("a listener that runs out of descriptors goes on when there are some again") {
    asio::io_context io;
    auto l = listener::open(io.get_executor(), "127.0.0.1:0");
    REQUIRE(l.has_value());
    resolver names(io.get_executor(), {});
    result<byte_stream> dialled = error_code(asio::error::would_block);
    run(io, dial_one(names, "127.0.0.1", l->port(), dialled));
    REQUIRE(dialled.has_value());

    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit low = before;
    low.rlim_cur = 64;
    ::setrlimit(RLIMIT_NOFILE, &low);
    std::vector<int> used;
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0)) used.push_back(fd);

    result<byte_stream> served = error_code(asio::error::would_block);
    task_group group(io.get_executor());
    group.spawn(accept_one(*l, served));
    io.poll();
    CHECK(group.size() == 1);
    for (const int fd : used) ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before);
    io.run();
    CHECK(served.has_value());
}

TEST_CASE("dialling a port where nobody listens gives the reason") {
    asio::io_context io;
    std::uint16_t port = 0;
    {
        const auto l = listener::open(io.get_executor(), "127.0.0.1:0");
        port = l->port();
    }
    resolver names(io.get_executor(), {});
    result<byte_stream> dialled = error_code(asio::error::would_block);
    run(io, dial_one(names, "127.0.0.1", port, dialled));
    CHECK(dialled.error() == asio::error::connection_refused);
}

TEST_CASE("every address of a name is tried") {
    asio::io_context io;
    auto l = listener::open(io.get_executor(), "[::1]:0");
    resolver names(io.get_executor(), {});
    result<byte_stream> dialled = error_code(asio::error::would_block);
    run(io, dial_one(names, "localhost", l->port(), dialled));
    REQUIRE(dialled.has_value());
    CHECK(dialled->remote_address() == "::1");
}

TEST_CASE("a unix path that is too long is refused, not cut") {
    asio::io_context io;
    result<byte_stream> dialled = error_code(asio::error::would_block);
    run(io, dial_path(std::string(200, 'x'), dialled));
    CHECK(dialled.error() == errc::bad_address);
    run(io, dial_path("/nonexistent/socket", dialled));
    CHECK(dialled.error() == boost::system::errc::no_such_file_or_directory);
}

TEST_CASE("a socket that listens already is taken over, and its file is left alone") {
    asio::io_context io;
    const folder place;
    const auto path = (place.path / "x.sock").string();
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof where.sun_path - 1);
    REQUIRE(::bind(descriptor, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
    REQUIRE(::listen(descriptor, 8) == 0);
    auto l = listener::take_over(io.get_executor(), descriptor);
    REQUIRE(l.has_value());
    result<byte_stream> served = error_code(asio::error::would_block);
    result<byte_stream> dialled = error_code(asio::error::would_block);
    task_group group(io.get_executor());
    group.spawn(accept_one(*l, served));
    group.spawn(dial_path(path, dialled));
    io.run();
    CHECK(served.has_value());
    CHECK(dialled.has_value());
    l->close();
    CHECK(std::filesystem::exists(path));
}

TEST_CASE("what does not listen, or is no stream, is not taken over but closed") {
    asio::io_context io;
    for (const int type : {SOCK_STREAM, SOCK_DGRAM}) {
        const int descriptor = ::socket(AF_INET, type, 0);
        CHECK(listener::take_over(io.get_executor(), descriptor).error() == errc::bad_address);
        CHECK(::fcntl(descriptor, F_GETFD) == -1);
    }
}
