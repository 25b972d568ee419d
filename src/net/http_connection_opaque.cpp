// A connection after 101, which is no HTTP any more; see http_connection.hpp.
#include <boost/asio/error.hpp>

#include "http/writer.hpp"
#include "net/http_connection.hpp"

namespace crosstalk::net {

awaitable<result<void>> http_connection::switch_protocols(const http::response_head& head) {
    gone_ = nullptr;
    keep_alive_ = false;
    sent_ = 0;
    out_.clear();
    http::append_response_head(out_, head);
    stream_.write_deadline(base::clock::now() + settings_.body);
    const auto written = co_await stream_.write(out_);
    co_return written;
}

awaitable<result<std::string_view>> http_connection::read_opaque(std::size_t most) {
    is_pinned_ = false;
    while (unread() == 0) {
        if (ended_ == asio::error::eof) co_return std::string_view();
        if (ended_) co_return ended_;
        if (is_closed_) co_return error_code(asio::error::operation_aborted);
        co_await wait_for_input(base::time_point::max());
    }
    is_pinned_ = true;
    const auto piece = input().substr(0, most);
    consume(piece.size());
    co_return piece;
}

awaitable<result<void>> http_connection::write_opaque(std::string_view bytes) {
    stream_.write_deadline(base::clock::now() + settings_.body);
    const auto written = co_await stream_.write(bytes);
    if (written) sent_ += bytes.size();
    co_return written;
}

}  // namespace crosstalk::net
