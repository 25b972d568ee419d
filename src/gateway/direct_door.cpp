// See direct_door.hpp.
#include "gateway/direct_door.hpp"

#include "ask/http_server.hpp"
#include "gateway/asking.hpp"
#include "http/websocket_handshake.hpp"
#include "http/writer.hpp"
#include "net/http_connection.hpp"
#include "talk/direct_frame.hpp"

namespace crosstalk::gateway {

using net::awaitable;

namespace {

constexpr base::milliseconds answering{10'000};

/// The token of `Authorization: Bearer TOKEN`; "" when there is none.
std::string_view bearer_of(const http::fields& headers) {
    constexpr std::string_view scheme = "bearer ";
    const auto* field = headers.find("Authorization");
    if (field == nullptr || field->size() <= scheme.size()) return {};
    const std::string_view value = *field;
    if (!http::iequals(value.substr(0, scheme.size()), scheme)) return {};
    return value.substr(scheme.size());
}

page refusal_of(const http::websocket_refusal& why) {
    auto told = text_page(why.status, std::string(why.why) + ".\n");
    if (why.status == 426) {
        told.head.headers.add("Upgrade", "websocket");
        told.head.headers.add("Sec-WebSocket-Version", "13");
    }
    if (why.status == 401) told.head.headers.add("WWW-Authenticate", "Bearer");
    return told;
}

/// What is wrong with the request, but for its token.
std::optional<http::websocket_refusal> look_at(net::http_stream& connection,
                                               const http::request_head& head) {
    if (connection.whole_connection() == nullptr)
        return http::websocket_refusal{400, "a direct stream takes a whole connection, of HTTP/1.1"};
    if (head.headers.find("Origin") != nullptr)
        return http::websocket_refusal{403, "this address is not for browsers"};
    if (connection.has_body())
        return http::websocket_refusal{400, "a WebSocket is opened without a body"};
    return http::refuse_websocket(head, talk::direct_subprotocol);
}

}  // namespace

awaitable<door_answer> answer_at_door(net::http_stream& connection, const http::request_head& head,
                                      component& xmpp) {
    door_answer answer;
    auto refused = look_at(connection, head);
    std::optional<std::string> full;
    if (!refused) full = xmpp.admit_direct(bearer_of(head.headers));
    if (!refused && !full)
        refused = http::websocket_refusal{401, "the token is not, or no longer, valid"};
    if (refused) {
        answer.status = refused->status;
        answer.goes_on = co_await send_page(connection, refusal_of(*refused));
        co_return answer;
    }
    std::string accepted;
    http::append_response_head(accepted, http::websocket_response(head, talk::direct_subprotocol));
    std::string rest;
    auto stream = co_await connection.whole_connection()->detach(rest);
    stream.write_deadline(base::clock::now() + answering);
    const auto written = co_await stream.write(accepted);
    if (written) xmpp.adopt_direct(*full, std::move(stream), std::move(rest));
    co_return answer;
}

}  // namespace crosstalk::gateway
