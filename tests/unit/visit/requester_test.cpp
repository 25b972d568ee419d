#include "visit/requester.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;

namespace {

constexpr std::string_view host = "romeo-at-montague-example.localhost:8118";

bool allows(const char* method, http::fields headers) {
    http::request_head head;
    head.method = method;
    head.headers = std::move(headers);
    return visit::may_ask(head, host);
}

http::fields from(const char* site, const char* mode, const char* destination) {
    return {{"Sec-Fetch-Site", site}, {"Sec-Fetch-Mode", mode}, {"Sec-Fetch-Dest", destination}};
}

}  // namespace

TEST_CASE("the site itself, what is typed, and programs") {
    CHECK(allows("POST", from("same-origin", "cors", "empty")));
    CHECK(allows("GET", from("none", "navigate", "document")));
    CHECK(allows("POST", {}));
    CHECK(allows("GET", {{"User-Agent", "curl/8"}}));
    CHECK_FALSE(allows("GET", {{"User-Agent", "Mozilla/5.0 (X11)"}}));
    CHECK(allows("POST", {{"Origin", "http://romeo-at-montague-example.localhost:8118"}}));
}

TEST_CASE("links from elsewhere, and nothing else from elsewhere") {
    for (const char* site : {"cross-site", "same-site", "something-new"}) {
        CAPTURE(site);
        CHECK(allows("GET", from(site, "navigate", "document")));
        CHECK_FALSE(allows("POST", from(site, "navigate", "document")));
        CHECK_FALSE(allows("GET", from(site, "navigate", "iframe")));
        CHECK_FALSE(allows("GET", from(site, "navigate", "object")));
        CHECK_FALSE(allows("GET", from(site, "no-cors", "image")));
        CHECK_FALSE(allows("OPTIONS", from(site, "cors", "empty")));
        CHECK_FALSE(allows("GET", from(site, "websocket", "websocket")));
    }
}

TEST_CASE("browsers that tell the origin alone") {
    for (const char* origin : {"http://evil.example", "null", "http://localhost:8118", "",
                               "https://romeo-at-montague-example.localhost:8118",
                               "http://romeo-at-montague-example.localhost"}) {
        CAPTURE(origin);
        CHECK_FALSE(allows("POST", {{"Origin", origin}}));
    }
}
