// Every input is bounded, and costs no more for coming in pieces.
#include <doctest/doctest.h>

#include "read_both_ways.hpp"

using namespace crosstalk::http;
using namespace crosstalk::http::testing;

namespace {

manner limited(std::size_t uri, std::size_t head, std::size_t count) {
    manner how;
    how.limits = {uri, head, count};
    return how;
}

std::string get(std::size_t uri, const std::string& lines = "") {
    return "GET /" + std::string(uri - 1, 'a') + " HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

const std::string chunked_head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE("a target may be as long as the limit and no longer") {
    CHECK(!read_both_ways(get(100), limited(100, 1000, 10)).error);
    CHECK(read_both_ways(get(101), limited(100, 1000, 10)).error == errc::uri_too_long);
    CHECK(read_both_ways(get(5000), limited(100, 1000, 10)).error == errc::uri_too_long);
    CHECK(status_of(errc::uri_too_long) == 414);
}

TEST_CASE("a target without end is refused while it comes") {
    CHECK(read_both_ways("GET /" + std::string(1000, 'a'), limited(100, 1000, 10)).error ==
          errc::uri_too_long);
}

TEST_CASE("fields may be as long as their limit together and no longer") {
    // 9 bytes are "Host: a" with its end, 7 are "X: " and CR LF and the last line's end.
    const auto with_field = [](std::size_t n) { return get(1, "X: " + std::string(n, 'b') + "\r\n"); };
    const auto how = limited(100, 200, 10);
    CHECK(!read_both_ways(with_field(186), how).error);
    CHECK(read_both_ways(with_field(200), how).error == errc::head_too_large);
    CHECK(read_both_ways("GET / HTTP/1.1\r\nX: " + std::string(300, 'b'), how).error ==
          errc::head_too_large);
    CHECK(read_both_ways(get(1, std::string(20, 'x') + ": " + std::string(170, 'b') + "\r\n"), how)
              .error == errc::head_too_large);
    CHECK(status_of(errc::head_too_large) == 431);
}

TEST_CASE("there may be as many fields as the limit and no more") {
    std::string lines;
    for (int i = 0; i < 9; ++i) lines += "X: \r\n";
    CHECK(!read_both_ways(get(1, lines), limited(100, 1000, 10)).error);
    CHECK(read_both_ways(get(1, lines + "X: \r\n"), limited(100, 1000, 10)).error ==
          errc::too_many_fields);
    CHECK(status_of(errc::too_many_fields) == 431);
}

TEST_CASE("trailers are bounded like a head") {
    const auto with_trailer = [](const std::string& lines) {
        return chunked_head + "0\r\n" + lines + "\r\n";
    };
    const auto how = limited(100, 200, 10);
    std::string many;
    for (int i = 0; i < 10; ++i) many += "X: \r\n";
    CHECK(!read_both_ways(with_trailer(many), how).error);
    CHECK(read_both_ways(with_trailer(many + "X: \r\n"), how).error == errc::too_many_fields);
    CHECK(!read_both_ways(with_trailer("X: " + std::string(150, 'b') + "\r\n"), how).error);
    CHECK(read_both_ways(with_trailer("X: " + std::string(250, 'b') + "\r\n"), how).error ==
          errc::head_too_large);
    CHECK(read_both_ways(chunked_head + "0\r\n" + std::string(1000, 'b'), how).error ==
          errc::head_too_large);
}

TEST_CASE("a chunk size line is bounded") {
    CHECK(!read_both_ways(chunked_head + "1;" + std::string(1000, 'a') + "\r\nx\r\n0\r\n\r\n").error);
    CHECK(read_both_ways(chunked_head + "1;" + std::string(1100, 'a') + "\r\nx\r\n0\r\n\r\n").error ==
          errc::bad_chunk);
    CHECK(read_both_ways(chunked_head + std::string(1100, '0')).error == errc::bad_chunk);
}

TEST_CASE("chunk extensions that outweigh the body are refused in the end") {
    std::string chunk = "1;" + std::string(1000, 'a') + "\r\nx\r\n";
    std::string stream = chunked_head;
    for (int i = 0; i < 16; ++i) stream += chunk;
    CHECK(!read_both_ways(stream).error);
    CHECK(read_both_ways(stream + chunk).error == errc::chunk_overhead);
}

TEST_CASE("a byte is looked at once, also when a head comes byte by byte") {
    // With a search from the start for each byte this would be 8 * 10^11 steps, not 10^6.
    reader_limits limits;
    limits.head = 2'000'000;
    reader r(reader::role::request, limits);
    const std::string stream =
        "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1'300'000, 'b') + "\r\n\r\n";
    std::size_t start = 0;
    std::size_t heads = 0;
    bool failed = false;
    for (std::size_t end = 1; end <= stream.size() && !failed; ++end) {
        const auto step = r.advance(std::string_view(stream).substr(start, end - start));
        failed = step.has_error();
        if (failed) continue;
        start += step->consumed;
        if (step->kind == step_kind::head) ++heads;
    }
    CHECK(!failed);
    CHECK(heads == 1);
    CHECK(start == stream.size());
}
