// Heads written, and what must never be.
#include <doctest/doctest.h>

#include "http/status.hpp"
#include "http/writer.hpp"
#include "read_both_ways.hpp"

using namespace crosstalk::http;
using namespace crosstalk::http::testing;

TEST_CASE("a request head is what the reader reads") {
    std::string out = "before";
    append_request_head(out, {"GET", "/a?b", 0, {{"Host", "a"}, {"X", ""}}});
    CHECK(out == "beforeGET /a?b HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n");
    CHECK(read_both_ways(out.substr(6)).messages.at(0).headers == fields{{"Host", "a"}, {"X", ""}});
}

TEST_CASE("a response head says the usual reason when it has none") {
    std::string out;
    append_response_head(out, {404, "", 1, {{"Content-Length", "0"}}});
    CHECK(out == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    out.clear();
    append_response_head(out, {299, "", 1, {}});
    CHECK(out == "HTTP/1.1 299 \r\n\r\n");
    out.clear();
    append_response_head(out, {200, "Fine", 0, {}});
    CHECK(out == "HTTP/1.1 200 Fine\r\n\r\n");
}

TEST_CASE("chunks written are chunks read") {
    std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const std::string body(70'000, 'x');
    append_chunk_size(out, body.size());
    out += body;
    out += chunk_end;
    out += last_chunk;
    const auto seen = read_responses(out);
    CHECK(!seen.error);
    CHECK(seen.messages.at(0).bytes == body);
    CHECK(seen.messages.at(0).is_complete);
}

TEST_CASE("what would split a message is not safe") {
    const auto is_safe_field = [](std::string name, std::string value) {
        return is_safe(fields{{std::move(name), std::move(value)}});
    };
    CHECK(is_safe_field("X", "a\tb \xFF"));
    CHECK(is_safe_field("X", ""));
    for (const char c : {'\r', '\n', '\0', '\x7F', '\x01'}) {
        CHECK(!is_safe_field("X", std::string("a") + c + "b"));
        CHECK(!is_safe_field(std::string("X") + c, "a"));
        CHECK(!is_safe(request_head{"GET", std::string("/") + c, 1, {}}));
        CHECK(!is_safe(request_head{std::string("G") + c, "/", 1, {}}));
        CHECK(!is_safe(response_head{200, std::string("O") + c, 1, {}}));
    }
    CHECK(!is_safe_field("", "a"));
    CHECK(!is_safe_field("X Y", "a"));
    CHECK(!is_safe_field("X:", "a"));
    CHECK(is_safe(request_head{"GET", "/", 1, {}}));
    CHECK(!is_safe(request_head{"", "/", 1, {}}));
    CHECK(!is_safe(request_head{"GET", "", 1, {}}));
    CHECK(!is_safe(request_head{"GET", "/a b", 1, {}}));
    CHECK(!is_safe(request_head{"GET", "/", 1, {{"X", "\n"}}}));
    CHECK(is_safe(response_head{599, "", 1, {}}));
    CHECK(!is_safe(response_head{99, "", 1, {}}));
    CHECK(!is_safe(response_head{600, "", 1, {}}));
    CHECK(!is_safe(response_head{200, "", 1, {{"X", "\n"}}}));
}

TEST_CASE("which statuses are without a body") {
    CHECK(is_bodyless(101));
    CHECK(is_bodyless(204));
    CHECK(is_bodyless(304));
    CHECK(!is_bodyless(200));
    CHECK(!is_bodyless(205));
}
