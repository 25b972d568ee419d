// See websocket_client.hpp.
#include "net/websocket_client.hpp"

#include <array>
#include <boost/asio/error.hpp>

#include "base/base64.hpp"
#include "base/ids.hpp"
#include "http/reader.hpp"
#include "http/websocket_handshake.hpp"
#include "http/writer.hpp"

namespace crosstalk::net {

namespace {

constexpr base::milliseconds step_timeout{10'000};

/// Reads the answer's head; what comes behind it is left in `received`.
awaitable<result<http::response_head>> read_answer(byte_stream& stream, std::string& received) {
    http::reader reader(http::reader::role::response);
    reader.expect_response_to("GET");
    for (;;) {
        const auto step = reader.advance(received);
        if (!step) co_return step.error();
        received.erase(0, step->consumed);
        if (step->kind == http::step_kind::head) {
            auto head = reader.take_response();
            if (head.status >= 200 || head.status == 101) co_return head;
            continue;
        }
        std::array<char, 4096> more{};
        const auto got = co_await stream.read_some(asio::buffer(more));
        if (!got) co_return got.error();
        received.append(more.data(), *got);
    }
}

}  // namespace

awaitable<result<opened_websocket>> open_websocket(resolver& names, const tls_client_context& tls,
                                                   const websocket_place& place, std::string& trouble) {
    opened_websocket opened;
    const std::string where = place.host + " port " + std::to_string(place.port);
    trouble = "cannot connect to " + where;
    auto dialled = co_await dial_tcp(names, place.host, place.port, step_timeout);
    if (!dialled) co_return dialled.error();
    opened.stream = std::move(*dialled);
    const auto limit = base::clock::now() + step_timeout;
    opened.stream.read_deadline(limit);
    opened.stream.write_deadline(limit);
    if (place.tls) {
        trouble = "no TLS with " + where;
        const auto secured = co_await opened.stream.start_tls(tls, place.host);
        if (!secured) co_return secured.error();
    }
    trouble = "no WebSocket at " + where;
    std::array<char, 16> random{};
    base::fill_random(random);
    const auto key = base::to_base64({random.data(), random.size()});
    auto request = http::websocket_request(place.authority, place.target, key, place.subprotocol);
    for (const auto& [name, value] : place.extra) request.headers.add(name, value);
    std::string bytes;
    http::append_request_head(bytes, request);
    const auto written = co_await opened.stream.write(bytes);
    if (!written) co_return written.error();
    const auto answer = co_await read_answer(opened.stream, opened.received);
    if (!answer) co_return answer.error();
    const auto wrong = http::websocket_trouble(*answer, key, place.subprotocol);
    if (!wrong.empty()) {
        trouble += ": status " + std::to_string(answer->status) + ", " + std::string(wrong);
        co_return error_code(asio::error::connection_refused);
    }
    opened.stream.read_deadline(base::time_point::max());
    opened.stream.write_deadline(base::time_point::max());
    trouble.clear();
    co_return opened;
}

}  // namespace crosstalk::net
