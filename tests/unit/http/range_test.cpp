// Ranges of bytes.
#include <doctest/doctest.h>

#include "http/range.hpp"

using namespace crosstalk::http;

namespace {

std::string shown(std::string_view value, std::uint64_t size) {
    const auto found = parse_range(value, size);
    if (found.verdict == range_verdict::ignored) return "ignored";
    if (found.verdict == range_verdict::unsatisfiable) return "unsatisfiable";
    std::string text;
    for (const auto& range : found.ranges)
        text += std::to_string(range.first) + "-" + std::to_string(range.last) + " ";
    return text;
}

}  // namespace

TEST_CASE("ranges are resolved against the size") {
    CHECK(shown("bytes=0-0", 1000) == "0-0 ");
    CHECK(shown("bytes=0-499", 1000) == "0-499 ");
    CHECK(shown("bytes=500-", 1000) == "500-999 ");
    CHECK(shown("bytes=-200", 1000) == "800-999 ");
    CHECK(shown("bytes=-2000", 1000) == "0-999 ");
    CHECK(shown("bytes=999-5000", 1000) == "999-999 ");
    CHECK(shown("bytes=0-99999999999999999999999999", 1000) == "0-999 ");
    CHECK(shown("BYTES=0-1 ,, 5-6 ", 1000) == "0-1 5-6 ");
}

TEST_CASE("ranges that overlap or touch are joined, and sorted") {
    CHECK(shown("bytes=5-9,0-4", 1000) == "0-9 ");
    CHECK(shown("bytes=5-9,0-6,100-,-1", 1000) == "0-9 100-999 ");
    CHECK(shown("bytes=0-1,3-4", 1000) == "0-1 3-4 ");
    CHECK(shown("bytes=0-10,2-3,9-12", 1000) == "0-12 ");
}

TEST_CASE("ranges outside the size are left out, and unsatisfiable when none is left") {
    CHECK(shown("bytes=1000-", 1000) == "unsatisfiable");
    CHECK(shown("bytes=99999999999999999999999999-", 1000) == "unsatisfiable");
    CHECK(shown("bytes=-0", 1000) == "unsatisfiable");
    CHECK(shown("bytes=1000-1001,0-1", 1000) == "0-1 ");
    CHECK(shown("bytes=0-", 0) == "unsatisfiable");
    CHECK(shown("bytes=-5", 0) == "ignored");
}

TEST_CASE("malformed ranges, other units and too many ranges are ignored") {
    for (const auto* bad : {"", "bytes", "bytes=", "bytes=,", "bytes=a-b", "bytes=1", "bytes=-",
                            "bytes=2-1", "bytes=1-2-3", "bytes=+1-2", "bytes= 1 - 2", "bytes=0-1,x",
                            "lines=0-1", "bytes 0-1", "bytes=--1", "bytes=0x0-1"}) {
        CAPTURE(bad);
        CHECK(shown(bad, 1000) == "ignored");
    }
    std::string many = "bytes=0-";
    for (int i = 0; i < 31; ++i) many += ",0-";
    CHECK(shown(many, 1000) == "0-999 ");
    CHECK(shown(many + ",0-", 1000) == "ignored");
}

TEST_CASE("Content-Range says which bytes of how many") {
    CHECK(content_range({0, 99}, 1000) == "bytes 0-99/1000");
    CHECK(unsatisfied_content_range(1000) == "bytes */1000");
}

TEST_CASE("the parts of a multipart answer are as long as announced") {
    const std::vector<byte_range> ranges = {{0, 1}, {10, 109}};
    std::string body;
    for (const auto& range : ranges)
        body += multipart_part_head("B", "text/plain", range, 1000) + std::string(range.size(), 'x');
    body += multipart_end("B");
    CHECK(body.size() == multipart_size("B", "text/plain", ranges, 1000));
    CHECK(body.starts_with(
        "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/1000\r\n\r\nxx\r\n--B\r\n"));
    CHECK(body.ends_with("x\r\n--B--\r\n"));
    CHECK(multipart_media_type("B") == "multipart/byteranges; boundary=B");
}
