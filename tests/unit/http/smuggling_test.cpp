// What is ambiguous is refused: a table of requests that two readers would understand differently.
#include <doctest/doctest.h>

#include "http/framing.hpp"
#include "read_both_ways.hpp"

using namespace crosstalk::http;
using namespace crosstalk::http::testing;
using namespace std::string_literals;

namespace {

struct refused {
    std::string stream;
    errc error;
    unsigned status;
};

void check_refused(const std::vector<refused>& table) {
    for (const auto& row : table) {
        INFO(row.stream);
        const auto seen = read_both_ways(row.stream);
        CHECK(seen.error == row.error);
        CHECK(status_of(seen.error) == row.status);
        for (const auto& message : seen.messages) CHECK(!message.is_complete);
    }
}

/// A request with these lines below its Host, and something behind it that would be smuggled.
std::string post(const std::string& lines) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n5\r\nGET /\r\n0\r\n\r\n";
}

std::string chunks(const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("a length told twice, or not as a plain number, is refused") {
    const auto bad = errc::bad_content_length;
    check_refused({
        {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), errc::ambiguous_length, 400},
        {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), errc::ambiguous_length, 400},
        {post("transfer-encoding:chunked\r\ncontent-length:0\r\n"), errc::ambiguous_length, 400},
        {post("Content-Length: 5\r\nContent-Length: 6\r\n"), errc::doubled_field, 400},
        {post("Content-Length: 5\r\nContent-Length: 5\r\n"), errc::doubled_field, 400},
        {post("Content-Length: 1, 1\r\n"), bad, 400},
        {post("Content-Length: 1,\r\n"), bad, 400},
        {post("Content-Length: +1\r\n"), bad, 400},
        {post("Content-Length: -1\r\n"), bad, 400},
        {post("Content-Length: 0x10\r\n"), bad, 400},
        {post("Content-Length: 1e3\r\n"), bad, 400},
        {post("Content-Length: 1 0\r\n"), bad, 400},
        {post("Content-Length: \"1\"\r\n"), bad, 400},
        {post("Content-Length: 5;a\r\n"), bad, 400},
        {post("Content-Length:\r\n"), bad, 400},
        {post("Content-Length: \r\n"), bad, 400},
        {post("Content-Length: 1000000000000000000000000000000\r\n"), bad, 400},
        {post("Content-Length: 9223372036854775808\r\n"), bad, 400},
        {post("Content-Length: 18446744073709551617\r\n"), bad, 400},
    });
}

TEST_CASE("a transfer coding other than exactly one chunked is refused") {
    const auto bad = errc::bad_transfer_encoding;
    const auto unknown = errc::unknown_transfer_coding;
    check_refused({
        {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), errc::doubled_field,
         400},
        {post("Transfer-Encoding: chunked, chunked\r\n"), bad, 400},
        {post("Transfer-Encoding: chunked, identity\r\n"), bad, 400},
        {post("Transfer-Encoding: chunked,\r\n"), bad, 400},
        {post("Transfer-Encoding: ,chunked\r\n"), bad, 400},
        {post("Transfer-Encoding:\r\n"), bad, 400},
        {post("Transfer-Encoding: chunked;q=1\r\n"), bad, 400},
        {post("Transfer-Encoding: \"chunked\"\r\n"), bad, 400},
        {post("Transfer-Encoding: chu nked\r\n"), bad, 400},
        {post("Transfer-Encoding: \xC2\xA0"
              "chunked\r\n"),
         bad, 400},
        {post("Transfer-Encoding: xchunked\r\n"), unknown, 501},
        {post("Transfer-Encoding: identity\r\n"), unknown, 501},
        {post("Transfer-Encoding: gzip\r\n"), unknown, 501},
        {post("Transfer-Encoding: gzip, chunked\r\n"), unknown, 501},
        {post("Transfer-Encoding: \x0b"
              "chunked\r\n"),
         errc::bad_field_value, 400},
        {post("Transfer-Encoding : chunked\r\n"), errc::space_before_colon, 400},
        {post("Transfer-Encoding\t: chunked\r\n"), errc::space_before_colon, 400},
        {post("Transfer-Encoding:\r\n chunked\r\n"), errc::obsolete_folding, 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad, 400},
    });
}

TEST_CASE("a malformed chunk ends the message") {
    const auto bad = errc::bad_chunk;
    check_refused({
        {chunks("\r\n"), bad, 400},
        {chunks("g\r\n"), bad, 400},
        {chunks("-1\r\na"), bad, 400},
        {chunks("+1\r\na"), bad, 400},
        {chunks("0x1\r\na"), bad, 400},
        {chunks(" 1\r\na"), bad, 400},
        {chunks("1 \r\na"), bad, 400},
        {chunks("1\t\r\na"), bad, 400},
        {chunks("1_0\r\na"), bad, 400},
        {chunks("8000000000000000\r\n"), bad, 400},
        {chunks("10000000000000000\r\n"), bad, 400},
        {chunks("00000000000000001\r\na\r\n"), bad, 400},
        {chunks("1;\r\na"), bad, 400},
        {chunks("1;=b\r\na"), bad, 400},
        {chunks("1;a=\r\na"), bad, 400},
        {chunks("1;a=\"b\r\na"), bad, 400},
        {chunks("1;a b\r\na"), bad, 400},
        {chunks("1;a\0\r\na"s), bad, 400},
        {chunks("1 a\r\na"), bad, 400},
        {chunks("1;a\rb\r\na"), bad, 400},
        {chunks("1\na"), errc::bad_line_end, 400},
        {chunks("1;a=b\nc\r\na"), errc::bad_line_end, 400},
        {chunks("1\r\nab\r\n"), bad, 400},
        {chunks("1\r\na\n"), bad, 400},
        {chunks("1\r\na\rx"), bad, 400},
        {chunks("1\r\na0\r\n\r\n"), bad, 400},
        {chunks("0\r\nX\r\n\r\n"), errc::bad_field_name, 400},
        {chunks("0\r\n X: a\r\n\r\n"), errc::obsolete_folding, 400},
        {chunks("0\r\nX : a\r\n\r\n"), errc::space_before_colon, 400},
        {chunks("0\r\nX: \0\r\n\r\n"s), errc::bad_field_value, 400},
        {chunks("0\r\n\n"), errc::bad_line_end, 400},
    });
}

TEST_CASE("lines end in CR LF and in nothing else") {
    check_refused({
        {"GET / HTTP/1.1\nHost: a\n\n", errc::bad_line_end, 400},
        {"\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", errc::bad_line_end, 400},
        {"GET / HTTP/1.1\r\nHost: a\n\r\n", errc::bad_line_end, 400},
        {"GET / HTTP/1.1\r\nHost: a\r\n\n", errc::bad_line_end, 400},
        {post("X: a\nContent-Length: 5\r\n"), errc::bad_line_end, 400},
        {post("X: a\rContent-Length: 5\r\n"), errc::bad_line_end, 400},
        {post("X\r: a\r\n"), errc::bad_line_end, 400},
        {post("X: a\r\r\n"), errc::bad_line_end, 400},
        {post("\rX: a\r\n"), errc::bad_line_end, 400},
        {"GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", errc::bad_request_line, 400},
    });
}

TEST_CASE("field lines that are none are refused") {
    check_refused({
        {post("X: a\r\n b\r\n"), errc::obsolete_folding, 400},
        {post("X: a\r\n\tContent-Length: 5\r\n"), errc::obsolete_folding, 400},
        {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", errc::obsolete_folding, 400},
        {post("X : a\r\n"), errc::space_before_colon, 400},
        {post("Content-Length : 5\r\n"), errc::space_before_colon, 400},
        {post(": a\r\n"), errc::bad_field_name, 400},
        {post("X\r\n"), errc::bad_field_name, 400},
        {post("X Y: a\r\n"), errc::bad_field_name, 400},
        {post("X(Y): a\r\n"), errc::bad_field_name, 400},
        {post("\xC3\xA4: a\r\n"), errc::bad_field_name, 400},
        {post("X\0: a\r\n"s), errc::bad_field_name, 400},
        {post("X: a\0b\r\n"s), errc::bad_field_value, 400},
        {post("X: a\x7F\r\n"), errc::bad_field_value, 400},
        {post("X: a\x01\r\n"), errc::bad_field_value, 400},
    });
}

TEST_CASE("Host comes once and is a host") {
    const auto get = [](const std::string& lines) { return "GET / HTTP/1.1\r\n" + lines + "\r\n"; };
    check_refused({
        {get(""), errc::missing_host, 400},
        {get("Host: a\r\nHost: a\r\n"), errc::doubled_field, 400},
        {get("Host: a\r\nhOST: b\r\n"), errc::doubled_field, 400},
        {get("Host:\r\n"), errc::bad_host, 400},
        {get("Host: a b\r\n"), errc::bad_host, 400},
        {get("Host: a, b\r\n"), errc::bad_host, 400},
        {get("Host: a@b\r\n"), errc::bad_host, 400},
        {get("Host: a/b\r\n"), errc::bad_host, 400},
        {get("Host: a:b\r\n"), errc::bad_host, 400},
        {get("Host: a:99999\r\n"), errc::bad_host, 400},
        {get("Host: a%00\r\n"), errc::bad_host, 400},
        {get("Host: \xC3\xA4\r\n"), errc::bad_host, 400},
        {get("Host: [::1\r\n"), errc::bad_host, 400},
        {get("Host: http://a\r\n"), errc::bad_host, 400},
        {"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", errc::bad_host, 400},
        {get("Host: a\r\nAuthorization: x\r\nAuthorization: x\r\n"), errc::doubled_field, 400},
        {get("Host: a\r\nContent-Type: x\r\nContent-Type: y\r\n"), errc::doubled_field, 400},
        {get("Host: a\r\nRange: x\r\nRange: y\r\n"), errc::doubled_field, 400},
    });
}

TEST_CASE("request lines have three parts, one space apart, and a version that we speak") {
    const auto line = [](const std::string& text) { return text + "\r\nHost: a\r\n\r\n"; };
    const auto bad = errc::bad_request_line;
    check_refused({
        {line("GET"), bad, 400},
        {line("GET /"), bad, 400},
        {line("GET  HTTP/1.1"), bad, 400},
        {line("GET / HTTP/1.1 "), errc::bad_target, 400},
        {line("GET / HTTP"), bad, 400},
        {line("GET / http/1.1"), bad, 400},
        {line("GET / HTTP/1.11"), bad, 400},
        {line("GET / HTTP/1,1"), bad, 400},
        {line("GET /\tHTTP/1.1"), bad, 400},
        {line("GET  / HTTP/1.1"), errc::bad_target, 400},
        {line("GET /  HTTP/1.1"), errc::bad_target, 400},
        {line("GET /a b HTTP/1.1"), errc::bad_target, 400},
        {line("GET /\x01 HTTP/1.1"), errc::bad_target, 400},
        {line("GET /\0 HTTP/1.1"s), errc::bad_target, 400},
        {line("GET /\x7F HTTP/1.1"), errc::bad_target, 400},
        {line("GET /\xC3\xA4 HTTP/1.1"), errc::bad_target, 400},
        {line(" GET / HTTP/1.1"), errc::bad_method, 400},
        {line("G(T / HTTP/1.1"), errc::bad_method, 400},
        {line("GE\0T / HTTP/1.1"s), errc::bad_method, 400},
        {line("\x16\x03\x01 / HTTP/1.1"), errc::bad_method, 400},
        {line(std::string(33, 'G') + " / HTTP/1.1"), errc::method_too_long, 501},
        {line("GET / HTTP/1.2"), errc::unsupported_version, 505},
        {line("GET / HTTP/2.0"), errc::unsupported_version, 505},
        {line("GET / HTTP/0.9"), errc::unsupported_version, 505},
        {line("PRI * HTTP/2.0"), errc::unsupported_version, 505},
    });
}

TEST_CASE("lengths are read to the largest that fits 63 bits") {
    CHECK(parse_length("0") == 0);
    CHECK(parse_length("007") == 7);
    CHECK(parse_length("9223372036854775807") == 9223372036854775807u);
    CHECK(!parse_length("9223372036854775808"));
    CHECK(!parse_length(""));
    CHECK(parse_chunk_line("7fffffffffffffff")->size == 9223372036854775807u);
    CHECK(parse_chunk_line("aF;x")->size == 0xAF);
}
