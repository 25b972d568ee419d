// See websocket_handshake.hpp.
#include "http/websocket_handshake.hpp"

#include <algorithm>

#include "base/base64.hpp"
#include "base/digest.hpp"
#include "http/syntax.hpp"

namespace crosstalk::http {
namespace {

constexpr std::string_view version = "13";
constexpr std::size_t key_bytes = 16;

/// Whether one of the fields of that name lists the token.
bool lists(const fields& headers, std::string_view name, std::string_view token) {
    return std::any_of(headers.begin(), headers.end(), [&](const field& f) {
        return iequals(f.name, name) && has_item(f.value, token);
    });
}

/// The value of the only field of that name, or null.
const std::string* only(const fields& headers, std::string_view name) {
    return headers.count(name) == 1 ? headers.find(name) : nullptr;
}

bool is_key(const std::string* text) {
    if (text == nullptr) return false;
    const auto bytes = base::from_base64(*text);
    return bytes && bytes->size() == key_bytes;
}

/// Whether one of the subprotocols that a client offers is this one; they compare with case.
bool offers(const fields& headers, std::string_view subprotocol) {
    return std::any_of(headers.begin(), headers.end(), [&](const field& f) {
        if (!iequals(f.name, "Sec-WebSocket-Protocol")) return false;
        for (std::string_view rest = f.value; auto item = next_item(rest);)
            if (*item == subprotocol) return true;
        return false;
    });
}

std::string accept_of(std::string_view key) {
    std::string text(key);
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3
    return base::to_base64(base::digest(base::hash::sha1, text));
}

}  // namespace

std::optional<websocket_refusal> refuse_websocket(const request_head& head,
                                                  std::string_view subprotocol) {
    const auto& headers = head.headers;
    if (head.method != "GET") return websocket_refusal{400, "a WebSocket is opened with GET"};
    if (head.version_minor < 1) return websocket_refusal{400, "a WebSocket needs HTTP/1.1"};
    if (!lists(headers, "Connection", "upgrade") || !lists(headers, "Upgrade", "websocket"))
        return websocket_refusal{426, "this address takes WebSockets alone"};
    const auto* asked = only(headers, "Sec-WebSocket-Version");
    if (asked == nullptr || *asked != version)
        return websocket_refusal{426, "this address speaks version 13 of WebSocket alone"};
    if (!is_key(only(headers, "Sec-WebSocket-Key")))
        return websocket_refusal{400, "Sec-WebSocket-Key is not 16 bytes in base64"};
    if (!offers(headers, subprotocol))
        return websocket_refusal{400, "the subprotocol of this address is not among those offered"};
    return std::nullopt;
}

response_head websocket_response(const request_head& head, std::string_view subprotocol) {
    response_head out;
    out.status = 101;
    out.headers.add("Upgrade", "websocket");
    out.headers.add("Connection", "Upgrade");
    out.headers.add("Sec-WebSocket-Accept", accept_of(head.headers.get("Sec-WebSocket-Key")));
    out.headers.add("Sec-WebSocket-Protocol", std::string(subprotocol));
    return out;
}

request_head websocket_request(std::string host, std::string target, std::string key,
                               std::string_view subprotocol) {
    request_head out;
    out.method = "GET";
    out.target = std::move(target);
    out.headers.add("Host", std::move(host));
    out.headers.add("Upgrade", "websocket");
    out.headers.add("Connection", "Upgrade");
    out.headers.add("Sec-WebSocket-Version", std::string(version));
    out.headers.add("Sec-WebSocket-Key", std::move(key));
    out.headers.add("Sec-WebSocket-Protocol", std::string(subprotocol));
    return out;
}

std::string_view websocket_trouble(const response_head& head, std::string_view key,
                                   std::string_view subprotocol) {
    const auto& headers = head.headers;
    if (head.status != 101) return "the answer is not 101 Switching Protocols";
    if (!lists(headers, "Connection", "upgrade") || !lists(headers, "Upgrade", "websocket"))
        return "the answer upgrades to something else";
    const auto* accept = only(headers, "Sec-WebSocket-Accept");
    if (accept == nullptr || *accept != accept_of(key)) return "Sec-WebSocket-Accept is wrong";
    const auto* chosen = only(headers, "Sec-WebSocket-Protocol");
    if (chosen == nullptr || *chosen != subprotocol) return "the subprotocol is another one";
    if (headers.count("Sec-WebSocket-Extensions") != 0) return "the answer has an extension unasked";
    return {};
}

}  // namespace crosstalk::http
