// See http2_stream.hpp.
#include "net/http2_stream.hpp"

#include <array>
#include <boost/asio/error.hpp>
#include <utility>

#include "base/base64.hpp"
#include "base/ids.hpp"
#include "http/framing.hpp"
#include "http/status.hpp"

namespace crosstalk::net {

namespace {

constexpr base::milliseconds linger_time{2'000};

/// RFC 8441 does without; whoever answers knows the handshake of HTTP/1.1.
std::string make_websocket_key() {
    std::array<char, 16> bytes{};
    base::fill_random(bytes);
    return base::to_base64({bytes.data(), bytes.size()});
}

}  // namespace

http2_stream::http2_stream(const executor& ex, http2_connection& by, stream_id id)
    : by_(by), id_(id), came_(ex), went_(ex) {}

http2_stream::~http2_stream() {
    by_.session().forget(id_);
    by_.wake();
}

void http2_stream::notice(http::http2_session::event::kind what) {
    using kind = http::http2_session::event::kind;
    if (what == kind::closed) is_closed_ = true;
    if (what != kind::sent) came_.ring();
    if (what != kind::input) went_.ring();
    if (what == kind::closed && gone_) std::exchange(gone_, nullptr)();
}

void http2_stream::watch(std::function<void()> gone) {
    gone_ = std::move(gone);
    if (gone_ && is_closed()) std::exchange(gone_, nullptr)();
}

// The request

result<http::request_head> http2_stream::take_head() {
    is_head_request_ = by_.session().is_head_request(id_);
    auto request = by_.session().take_request(id_);
    if (!request) return request.error();
    length_ = request->length;
    if (request->is_websocket) {
        request->head.headers.add("Sec-WebSocket-Key", make_websocket_key());
    } else {
        has_body_ = !by_.session().is_input_over(id_) && length_ != std::uint64_t{0};
        wants_continue_ = has_body_ && request->expects_continue;
    }
    return std::move(request->head);
}

std::string_view http2_stream::next_piece(std::size_t most) {
    by_.session().consume(id_, std::exchange(unconsumed_, 0));
    by_.wake();
    if (input_at_ == input_.size()) {
        input_ = by_.session().take_input(id_);
        input_at_ = 0;
    }
    const auto piece = std::string_view(input_).substr(input_at_, most);
    input_at_ += piece.size();
    unconsumed_ = piece.size();
    received_ += piece.size();
    if (!piece.empty()) wants_continue_ = false;
    return piece;
}

awaitable<result<std::string_view>> http2_stream::read_body(std::size_t most) {
    if (!has_body_) co_return std::string_view();
    for (;;) {
        const auto piece = next_piece(most);
        if (!piece.empty()) co_return piece;
        if (by_.session().is_input_over(id_)) co_return std::string_view();
        if (is_abandoned_) co_return error_code(asio::error::operation_aborted);
        if (is_closed()) co_return make_error_code(http::errc::truncated);
        const auto until =
            wants_continue_ ? base::time_point::max() : base::clock::now() + by_.settings().body;
        const bool rang = co_await came_.wait(until);
        // Where other bodies take all the room, it is not the client who is slow.
        if (!rang && !by_.session().is_full()) co_return error_code(asio::error::timed_out);
    }
}

void http2_stream::abandon_body() {
    is_abandoned_ = true;
    came_.ring();
}

awaitable<result<void>> http2_stream::write_continue() {
    // Whoever waits for the body has waited without a deadline until now.
    wants_continue_ = false;
    came_.ring();
    if (is_closed()) co_return error_code(asio::error::connection_reset);
    by_.session().interim(id_, 100);
    by_.wake();
    co_return result<void>();
}

awaitable<bool> http2_stream::finish_request() {
    gone_ = nullptr;
    co_return true;
}

// The response

bool http2_stream::fits_length(std::size_t size, bool is_last) noexcept {
    if (!owed_) return true;
    if (size > *owed_) return false;
    *owed_ -= size;
    return !is_last || *owed_ == 0;
}

awaitable<result<void>> http2_stream::start_response(const http::response_head& head,
                                                     std::string_view first, bool is_last) {
    if (is_closed()) co_return error_code(asio::error::connection_reset);
    is_bodyless_ = is_head_request_ || http::is_bodyless(head.status);
    sent_ = 0;
    owed_.reset();
    const auto length = head.headers.get("Content-Length");
    if (!is_bodyless_ && !length.empty()) owed_ = http::parse_length(length);
    is_over_ = is_bodyless_ || (first.empty() && (is_last || owed_ == std::uint64_t{0}));
    if (is_over_ && owed_.value_or(0) > 0) co_return make_error_code(http::errc::bad_content_length);
    if (!is_bodyless_ && length.empty() && is_last) {
        http::response_head measured = head;
        measured.headers.add("Content-Length", std::to_string(first.size()));
        by_.session().respond(id_, measured, is_over_);
    } else {
        by_.session().respond(id_, head, is_over_);
    }
    by_.wake();
    if (is_over_) {
        const auto written = co_await until_sent();
        co_return written;
    }
    const auto written = co_await write_body(first, is_last);
    co_return written;
}

awaitable<result<void>> http2_stream::write_body(std::string_view piece, bool is_last) {
    if (is_bodyless_) co_return result<void>();
    if (!fits_length(piece.size(), is_last)) co_return make_error_code(http::errc::bad_content_length);
    if (is_over_) co_return result<void>();
    // An end of its own would have to wait for the client's window once more.
    is_over_ = is_last || (owed_ && *owed_ == 0);
    const auto written = co_await write(piece, is_over_);
    co_return written;
}

awaitable<result<void>> http2_stream::write(std::string_view piece, bool is_last) {
    if (piece.empty() && !is_last) co_return result<void>();
    if (is_closed()) co_return error_code(asio::error::connection_reset);
    by_.session().send(id_, piece, is_last);
    by_.wake();
    const auto written = co_await until_sent();
    if (written) sent_ += piece.size();
    co_return written;
}

awaitable<result<void>> http2_stream::until_sent() {
    auto& session = by_.session();
    auto until = base::clock::now() + by_.settings().body;
    auto moved = session.body_bytes_sent();
    while (!session.is_sent(id_)) {
        if (is_closed()) co_return error_code(asio::error::connection_reset);
        const bool rang = co_await went_.wait(until);
        if (rang) continue;
        // On a slow link that many share, its turn has yet to come.
        const bool others_moved = std::exchange(moved, session.body_bytes_sent()) < session.body_bytes_sent();
        until = base::clock::now() + by_.settings().body;
        if (others_moved && !session.is_held_back(id_)) continue;
        session.reset(id_, http::http2_reason::cancelled);
        by_.wake();
        co_return error_code(asio::error::timed_out);
    }
    co_return result<void>();
}

// A WebSocket

awaitable<result<void>> http2_stream::switch_protocols(const http::response_head& head) {
    gone_ = nullptr;
    if (is_closed()) co_return error_code(asio::error::connection_reset);
    by_.session().respond(id_, head, false);
    by_.wake();
    co_return result<void>();
}

awaitable<result<std::string_view>> http2_stream::read_opaque(std::size_t most) {
    for (;;) {
        const auto piece = next_piece(most);
        if (!piece.empty()) co_return piece;
        if (by_.session().is_input_over(id_)) co_return std::string_view();
        if (is_closed()) co_return error_code(asio::error::connection_reset);
        (void)co_await came_.wait(base::time_point::max());
    }
}

awaitable<result<void>> http2_stream::write_opaque(std::string_view bytes) {
    const auto written = co_await write(bytes, false);
    co_return written;
}

void http2_stream::finish_opaque() {
    if (is_closed()) return;
    by_.session().send(id_, {}, true);
    by_.wake();
}

// The end

awaitable<void> http2_stream::linger() {
    gone_ = nullptr;
    const auto until = base::clock::now() + linger_time;
    while (!is_closed() && !by_.session().is_sent(id_)) {
        const bool rang = co_await went_.wait(until);
        if (!rang) break;
    }
}

void http2_stream::close() {
    is_closed_ = true;
    gone_ = nullptr;
    by_.session().reset(id_, http::http2_reason::internal);
    by_.wake();
    came_.ring();
    went_.ring();
}

}  // namespace crosstalk::net
