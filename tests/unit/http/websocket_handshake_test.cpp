#include <doctest/doctest.h>

#include "http/websocket_handshake.hpp"

using namespace crosstalk::http;

namespace {

constexpr auto sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr auto protocol = "crosstalk.1";

request_head opening() { return websocket_request("example.org", "/x", sample_key, protocol); }

unsigned status_without(const char* name) {
    auto head = opening();
    head.headers.remove(name);
    return refuse_websocket(head, protocol).value_or(websocket_refusal{0, ""}).status;
}

unsigned status_with(const char* name, std::string value) {
    auto head = opening();
    head.headers.set(name, std::move(value));
    return refuse_websocket(head, protocol).value_or(websocket_refusal{0, ""}).status;
}

std::string_view trouble_with(const char* name, std::string value) {
    auto answer = websocket_response(opening(), protocol);
    answer.headers.set(name, std::move(value));
    return websocket_trouble(answer, sample_key, protocol);
}

}  // namespace

TEST_CASE("a handshake is answered as RFC 6455 computes it") {
    CHECK_FALSE(refuse_websocket(opening(), protocol));
    const auto answer = websocket_response(opening(), protocol);
    CHECK(answer.status == 101);
    CHECK(*answer.headers.find("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(websocket_trouble(answer, sample_key, protocol).empty());
}

TEST_CASE("lists, case and repeats in a handshake are what HTTP makes of them") {
    CHECK(status_with("Connection", "keep-alive, uPgRaDe") == 0);
    CHECK(status_with("Upgrade", "h2c, WebSocket") == 0);
    CHECK(status_with("Sec-WebSocket-Protocol", "chat, crosstalk.1") == 0);
    auto head = opening();
    head.headers.set("Connection", "keep-alive");
    head.headers.add("connection", "Upgrade");
    CHECK_FALSE(refuse_websocket(head, protocol));
}

TEST_CASE("each part of a handshake is needed") {
    auto head = opening();
    head.method = "POST";
    CHECK(refuse_websocket(head, protocol)->status == 400);
    head = opening();
    head.version_minor = 0;
    CHECK(refuse_websocket(head, protocol)->status == 400);
    CHECK(status_without("Connection") == 426);
    CHECK(status_with("Connection", "close") == 426);
    CHECK(status_without("Upgrade") == 426);
    CHECK(status_with("Upgrade", "h2c") == 426);
    CHECK(status_without("Sec-WebSocket-Version") == 426);
    CHECK(status_with("Sec-WebSocket-Version", "8") == 426);
    CHECK(status_without("Sec-WebSocket-Key") == 400);
    CHECK(status_with("Sec-WebSocket-Key", "c2hvcnQ=") == 400);
    CHECK(status_with("Sec-WebSocket-Key", "no base64 at all") == 400);
    CHECK(status_without("Sec-WebSocket-Protocol") == 400);
    CHECK(status_with("Sec-WebSocket-Protocol", "CROSSTALK.1") == 400);
    head = opening();
    head.headers.add("Sec-WebSocket-Key", sample_key);
    CHECK(refuse_websocket(head, protocol)->status == 400);
}

TEST_CASE("an answer that is not the one to our request is refused") {
    CHECK_FALSE(trouble_with("Connection", "close").empty());
    CHECK_FALSE(trouble_with("Upgrade", "h2c").empty());
    CHECK_FALSE(trouble_with("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=").empty());
    CHECK_FALSE(trouble_with("Sec-WebSocket-Protocol", "chat").empty());
    CHECK_FALSE(trouble_with("Sec-WebSocket-Extensions", "permessage-deflate").empty());
    auto answer = websocket_response(opening(), protocol);
    answer.headers.remove("Sec-WebSocket-Protocol");
    CHECK_FALSE(websocket_trouble(answer, sample_key, protocol).empty());
    answer = websocket_response(opening(), protocol);
    answer.status = 200;
    CHECK_FALSE(websocket_trouble(answer, sample_key, protocol).empty());
}
