#include "peer/compression.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using namespace crosstalk::peer;

namespace {

cgi::incoming_request asking(std::string accept_encoding, std::string method = "GET") {
    cgi::incoming_request r;
    r.method = std::move(method);
    r.headers = {{"Host", "romeo.example.org"}, {"Accept-Encoding", std::move(accept_encoding)}};
    return r;
}

talk::response_start page(http::fields more = {}, unsigned status = 200) {
    talk::response_start start;
    start.status = status;
    start.headers = {{"Content-Type", "text/html"}, {"Content-Length", "5000"}};
    for (const auto& f : more) start.headers.set(f.name, f.value);
    return start;
}

std::string field(const http::fields& headers, std::string_view name) {
    const auto* value = headers.find(name);
    return value != nullptr ? *value : "(none)";
}

/// What Content-Encoding says after the decision.
std::string coding_of(talk::response_start start, const cgi::incoming_request& request) {
    compressor c(true);
    const auto encoder = c.begin(request, start);
    const auto said = field(start.headers, "Content-Encoding");
    CHECK((encoder != nullptr) == (said != "(none)"));
    return said;
}

}  // namespace

TEST_CASE("the client's wish decides, and Brotli where both are wanted as much") {
    const std::pair<const char*, const char*> table[] = {
        {"gzip", "gzip"},
        {"br", "br"},
        {"gzip, deflate, br, zstd", "br"},
        {"br;q=0.5, gzip", "gzip"},
        {"*", "br"},
        {"*, br;q=0", "gzip"},
        {"x-gzip", "gzip"},
        {"identity;q=0.5, gzip;q=0.7", "gzip"},
        {"identity;q=0, gzip", "gzip"},
        {"", "(none)"},
        {"identity", "(none)"},
        {"deflate, zstd", "(none)"},
        {"gzip;q=0, br;q=0", "(none)"},
        {"*;q=0", "(none)"},
        {"identity;q=0, *;q=0", "(none)"},
        {"identity;q=1, gzip;q=0.5", "(none)"},
        {"identity;q=1, *;q=0", "(none)"},
    };
    for (const auto& [accepted, wanted] : table) {
        CAPTURE(accepted);
        CHECK(coding_of(page(), asking(accepted)) == wanted);
    }
    cgi::incoming_request silent;
    silent.method = "GET";
    CHECK(coding_of(page(), silent) == "(none)");
}

TEST_CASE("the head of a compressed answer says so, and nothing that is true no more") {
    auto start = page({{"ETag", "\"abc\""}, {"Accept-Ranges", "bytes"}, {"Vary", "Cookie"}});
    compressor c(true);
    CHECK(c.begin(asking("gzip"), start) != nullptr);
    CHECK(field(start.headers, "Content-Encoding") == "gzip");
    CHECK(field(start.headers, "ETag") == "W/\"abc\"");
    CHECK(start.headers.count("ETag") == 1);
    CHECK(start.headers.count("Content-Length") == 0);
    CHECK(start.headers.count("Accept-Ranges") == 0);
    CHECK(field(start.headers, "Content-Type") == "text/html");
    CHECK(start.headers.count("Vary") == 2);
    auto weak = page({{"ETag", "W/\"abc\""}});
    CHECK(c.begin(asking("gzip"), weak) != nullptr);
    CHECK(field(weak.headers, "ETag") == "W/\"abc\"");
}

TEST_CASE("an answer that could have been compressed tells caches so, and stays as it is otherwise") {
    auto start = page({{"ETag", "\"abc\""}, {"Accept-Ranges", "bytes"}});
    auto expected = start;
    expected.headers.add("Vary", "Accept-Encoding");
    compressor c(true);
    CHECK(c.begin(asking("identity"), start) == nullptr);
    CHECK(start == expected);
    for (const auto* vary : {"*", "accept-encoding", "Cookie, Accept-Encoding"}) {
        auto named = page({{"Vary", vary}});
        CHECK(c.begin(asking("br"), named) != nullptr);
        CHECK(named.headers.count("Vary") == 1);
    }
}

TEST_CASE("what must not or need not be compressed passes untouched") {
    const talk::response_start table[] = {
        page({{"Content-Encoding", "gzip"}}),
        page({{"Content-Encoding", "identity"}}),
        page({{"Cache-Control", "public, no-transform"}}),
        page({{"Content-Range", "bytes 0-4999/9000"}}, 206),
        page({{"Content-Range", "bytes */9000"}}, 416),
        page({{"Content-MD5", "x"}}),
        page({{"Digest", "x"}}),
        page({{"Content-Digest", "x"}}),
        page({{"Repr-Digest", "x"}}),
        page({{"Content-Type", "image/png"}}),
        page({{"Content-Type", ""}}),
        page({{"Content-Length", "255"}}),
        page({{"Content-Length", "0"}}),
        page({}, 204),
        page({}, 205),
        page({}, 206),
        page({}, 226),
    };
    compressor c(true);
    for (const auto& start : table) {
        auto after = start;
        CHECK(c.begin(asking("gzip, br"), after) == nullptr);
        CHECK(after == start);
    }
    auto request = asking("gzip");
    request.headers.add("Cache-Control", "no-transform");
    auto after = page();
    CHECK(c.begin(request, after) == nullptr);
    CHECK(after == page());
    compressor off(false);
    CHECK(off.begin(asking("gzip"), after) == nullptr);
    CHECK(after == page());
}

TEST_CASE("every method and status with a whole body, of known length or not, is compressed") {
    for (const unsigned status : {200U, 201U, 203U, 403U, 404U, 500U})
        CHECK(coding_of(page({}, status), asking("gzip")) == "gzip");
    for (const auto* method : {"GET", "POST", "PUT", "OPTIONS", "REPORT"})
        CHECK(coding_of(page(), asking("gzip", method)) == "gzip");
    CHECK(coding_of(page({{"Content-Length", "256"}}), asking("gzip")) == "gzip");
    auto streamed = page({{"Content-Type", "text/event-stream"}});
    streamed.headers.remove("Content-Length");
    CHECK(coding_of(streamed, asking("gzip")) == "gzip");
}

TEST_CASE("HEAD is told what GET is") {
    for (const auto* accepted : {"gzip", "br", "identity"}) {
        compressor c(true);
        auto got = page({{"ETag", "\"abc\""}, {"Accept-Ranges", "bytes"}});
        auto told = got;
        const bool is_compressed = c.begin(asking(accepted), got) != nullptr;
        CHECK(is_compressed == (accepted != std::string{"identity"}));
        CHECK(c.begin(asking(accepted, "HEAD"), told) == nullptr);
        CHECK(told == got);
    }
}

TEST_CASE("304 repeats the weak tag of what was compressed, and the strong one of what was not") {
    compressor c(true);
    auto request = asking("gzip");
    request.headers.add("If-None-Match", "\"other\", W/\"abc\"");
    talk::response_start start{304, {{"ETag", "\"abc\""}}};
    CHECK(c.begin(request, start) == nullptr);
    CHECK(start.headers == http::fields{{"ETag", "W/\"abc\""}, {"Vary", "Accept-Encoding"}});
    request.headers.set("If-None-Match", "\"abc\"");
    start = {304, {{"ETag", "\"abc\""}}};
    CHECK(c.begin(request, start) == nullptr);
    CHECK(start.headers == http::fields{{"ETag", "\"abc\""}});
}

TEST_CASE("Brotli serves few bodies at a time, gzip the others") {
    compressor c(true);
    std::vector<std::unique_ptr<body_encoder>> open;
    const auto next = [&](const char* accepted) {
        auto start = page();
        open.push_back(c.begin(asking(accepted), start));
        return field(start.headers, "Content-Encoding");
    };
    for (int i = 0; i < 32; ++i) CHECK(next("gzip, br") == "br");
    CHECK(next("gzip, br") == "gzip");
    CHECK(next("br") == "(none)");
    open.erase(open.begin());
    CHECK(next("gzip, br") == "br");
}
