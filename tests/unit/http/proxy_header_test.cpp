// PROXY headers of both versions, read from the first bytes of a connection.
#include "http/proxy_header.hpp"

#include <doctest/doctest.h>

#include "http/error.hpp"

namespace crosstalk::http {
namespace {

using kind = proxy_header::kind;
using namespace std::string_literals;

const std::string signature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string binary(unsigned char command, unsigned char family, const std::string& rest) {
    std::string bytes = signature;
    bytes += static_cast<char>(command);
    bytes += static_cast<char>(family);
    bytes += static_cast<char>(rest.size() >> 8);
    bytes += static_cast<char>(rest.size() & 0xff);
    return bytes + rest;
}

const std::string v4_block = "\xc0\x00\x02\x07\x7f\x00\x00\x01\x9c\x40\x00\x50"s;
const std::string v6_block = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01"s +
                             std::string(15, '\0') + "\x01\x9c\x40\x01\xbb"s;

/// Reads `header` with a request behind it, and checks that every shorter piece is incomplete.
proxy_header read(const std::string& header) {
    for (std::size_t size = 0; size < header.size(); ++size) {
        CAPTURE(size);
        const auto part = read_proxy_header(std::string_view(header).substr(0, size));
        REQUIRE(part.has_value());
        CHECK(part->what == kind::incomplete);
    }
    const auto whole = read_proxy_header(header + "GET / HTTP/1.1\r\n");
    REQUIRE(whole.has_value());
    CHECK(whole->what == kind::complete);
    CHECK(whole->size == header.size());
    CHECK((*read_proxy_header(header) == *whole));
    return *whole;
}

/// "ADDRESS PORT", or "none" when the header leaves the connection's own end.
std::string client_of(const std::string& header) {
    const auto client = read(header).client;
    return client ? client->address + ' ' + std::to_string(client->port) : "none";
}

/// The header is refused at some byte, and at every one behind it.
void check_refused(const std::string& header) {
    CAPTURE(header);
    bool was_refused = false;
    for (std::size_t size = 0; size <= header.size(); ++size) {
        const auto part = read_proxy_header(std::string_view(header).substr(0, size));
        if (was_refused) CHECK_FALSE(part.has_value());
        if (!part) CHECK(part.error() == errc::bad_proxy_header);
        if (part) CHECK(part->what == kind::incomplete);
        was_refused = !part;
    }
    CHECK(was_refused);
}

}  // namespace

TEST_CASE("version 1 names the client, of IPv4 and of IPv6") {
    CHECK(client_of("PROXY TCP4 192.0.2.7 127.0.0.1 40000 80\r\n") == "192.0.2.7 40000");
    CHECK(client_of("PROXY TCP6 2001:db8::1 ::1 0 65535\r\n") == "2001:db8::1 0");
    CHECK(client_of("PROXY TCP6 2001:DB8:0:0::1 ::1 1 2\r\n") == "2001:db8::1 1");
    CHECK(client_of("PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n") == "192.0.2.7 1");
    CHECK(read("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
               "65535 65535\r\n")
              .client->port == 65535);
}

TEST_CASE("a proxy that knows no client leaves the connection's own end") {
    CHECK(client_of("PROXY UNKNOWN\r\n") == "none");
    CHECK(client_of("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n") == "none");
    CHECK(client_of(binary(0x21, 0x00, "")) == "none");
    CHECK(client_of(binary(0x21, 0x00, std::string(300, '\xff'))) == "none");
}

TEST_CASE("a line of version 1 that is not exactly one is refused") {
    for (const char* line :
         {"PROXY \r\n", "PROXY TCP4\r\n", "PROXY TCP5 192.0.2.7 127.0.0.1 40000 80\r\n",
          "PROXY tcp4 192.0.2.7 127.0.0.1 40000 80\r\n", "PROXY TCP4 192.0.2.7 127.0.0.1 40000\r\n",
          "PROXY TCP4 192.0.2.7 127.0.0.1 40000 80 \r\n",
          "PROXY TCP4  192.0.2.7 127.0.0.1 40000 80\r\n",
          "PROXY TCP4 192.0.2.7 127.0.0.1 40000 80 1\r\n", "PROXY TCP4 192.0.2 127.0.0.1 40000 80\r\n",
          "PROXY TCP4 192.0.2.07 127.0.0.1 40000 80\r\n", "PROXY TCP4 2001:db8::1 ::1 40000 80\r\n",
          "PROXY TCP6 192.0.2.7 127.0.0.1 40000 80\r\n", "PROXY TCP4 192.0.2.7 x 40000 80\r\n",
          "PROXY TCP4 192.0.2.7 127.0.0.1 65536 80\r\n", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 -1\r\n",
          "PROXY TCP4 192.0.2.7 127.0.0.1 040 80\r\n", "PROXY TCP4 192.0.2.7 127.0.0.1 40000 \r\n",
          "PROXY UNKNOWNS\r\n", "PROXY TCP6 fe80::1%lo ::1 1 2\r\n"})
        check_refused(line);
    check_refused("PROXY TCP4 192.0.2.7 127.0.0.1 40000 80\n");
    check_refused("PROXY TCP4 192.0.2.7 127.0.0.1 40000 80\rG");
    check_refused("PROXY TCP4 192.0.2.7\0 127.0.0.1 40000 80\r\n"s);
    check_refused("PROXY / HTTP/1.1\r\n");
}

TEST_CASE("a line of version 1 has 107 bytes at most") {
    const std::string longest = "PROXY UNKNOWN " + std::string(91, 'x') + "\r\n";
    REQUIRE(longest.size() == 107);
    CHECK(client_of(longest) == "none");
    check_refused("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n");
    check_refused("PROXY " + std::string(200, 'x'));
}

TEST_CASE("version 2 names the client, and what follows the addresses is skipped") {
    CHECK(client_of(binary(0x21, 0x11, v4_block)) == "192.0.2.7 40000");
    CHECK(client_of(binary(0x21, 0x21, v6_block)) == "2001:db8::1 40000");
    CHECK(client_of(binary(0x21, 0x31, std::string(216, 'x'))) == " 0");
    const std::string tlvs =
        "\x02\x00\x04"
        "host\x04\x00\x00"s;
    CHECK(client_of(binary(0x21, 0x11, v4_block + tlvs)) == "192.0.2.7 40000");
    CHECK(read(binary(0x21, 0x21, v6_block + std::string(3000, 'x'))).client->address == "2001:db8::1");
}

TEST_CASE("version 2: IPv4 in IPv6 is IPv4") {
    const std::string block = std::string(10, '\0') + "\xff\xff\xc0\x00\x02\x07"s +
                              std::string(16, '\0') + "\x00\x01\x00\x02"s;
    CHECK(client_of(binary(0x21, 0x21, block)) == "192.0.2.7 1");
}

TEST_CASE("LOCAL is the proxy itself, whatever addresses it carries") {
    CHECK(client_of(binary(0x20, 0x00, "")) == "none");
    CHECK(client_of(binary(0x20, 0x11, v4_block)) == "none");
    CHECK(client_of(binary(0x20, 0xff, "x")) == "none");
}

TEST_CASE("a header of version 2 that is not exactly one is refused") {
    check_refused(binary(0x11, 0x11, v4_block));  // version 1 in binary
    check_refused(binary(0x22, 0x11, v4_block));  // neither LOCAL nor PROXY
    check_refused(binary(0x21, 0x12, v4_block));  // datagrams
    check_refused(binary(0x21, 0x41, v4_block));  // a family that there is not
    check_refused(binary(0x21, 0x10, v4_block));
    check_refused(binary(0x21, 0x11, v4_block.substr(1)));
    check_refused(binary(0x21, 0x21, v6_block.substr(1)));
    check_refused(binary(0x21, 0x31, std::string(215, 'x')));
}

TEST_CASE("a header of version 2 has 4096 bytes at most") {
    CHECK(read(binary(0x21, 0x11, v4_block + std::string(4096 - 16 - 12, 'x'))).size == 4096);
    check_refused(binary(0x21, 0x11, v4_block + std::string(4096 - 16 - 11, 'x')));
    check_refused(binary(0x20, 0x00, std::string(65535, 'x')));
}

TEST_CASE("what begins with something else is no header from the first byte that differs") {
    const auto is_absent = [](std::string_view bytes) {
        const auto read = read_proxy_header(bytes);
        return read && read->what == kind::absent && read->size == 0;
    };
    for (const char* bytes : {"G", "POST", "PROPFIND", "PROXYS / HTTP/1.1", "PRI * HTTP/2.0", "\r\nGET",
                              "\r\n\r\nG", "\x16\x03\x01", "\n"})
        CHECK(is_absent(bytes));
    CHECK(is_absent("\r\n\r\n\0\r\nQUIT\r"s));
    CHECK(is_absent("\r\n\r\n\0\0"s));
}

}  // namespace crosstalk::http
