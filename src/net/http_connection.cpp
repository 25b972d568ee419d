// See http_connection.hpp.
#include "net/http_connection.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <charconv>
#include <cstring>

#include "http/status.hpp"
#include "http/writer.hpp"

namespace crosstalk::net {

namespace {

constexpr std::size_t read_ahead_most = 64 * 1024;
constexpr std::size_t smallest_read = 1024;
constexpr std::size_t discarded_most = 256 * 1024;
constexpr base::milliseconds linger_time{2'000};

}  // namespace

http_connection::http_connection(executor ex, byte_stream stream, http_connection_settings settings)
    : stream_(std::move(stream)),
      settings_(settings),
      reader_(http::reader::role::request, settings.limits),
      arrived_(ex),
      wanted_(ex),
      // An unfinished line stays in the buffer, so the longest one allowed has to fit.
      capacity_most_(
          std::max(read_ahead_most, std::max(settings.limits.uri, settings.limits.head) + 4096)) {}

awaitable<result<void>> http_connection::accept_tls(const tls_server_context& context) {
    is_awaiting_head_ = true;
    const auto until = base::clock::now() + settings_.header;
    stream_.read_deadline(until);
    stream_.write_deadline(until);
    const auto done = co_await stream_.accept_tls(context);
    co_return done;
}

// Reading ahead

awaitable<void> http_connection::read_ahead() {
    is_reading_ahead_ = true;
    while (!is_closed_) {
        if (ended_ || (buffer_ && !make_space())) {
            is_reader_asleep_ = true;
            (void)co_await wanted_.wait(base::time_point::max());
            is_reader_asleep_ = false;
            continue;
        }
        const auto ready = co_await stream_.wait_input();
        if (!ready) {
            note_end(ready.error());
            continue;
        }
        if (!make_space()) continue;
        const auto space = asio::buffer(buffer_.get() + end_, capacity_ - end_);
        is_reading_ = true;
        const auto got = co_await stream_.read_some(space);
        is_reading_ = false;
        if (!got) {
            note_end(got.error());
            continue;
        }
        end_ += *got;
        note_read(*got);
        if (is_draining_) {
            drained_ += *got;
            begin_ = end_ = 0;
        }
        arrived_.ring();
    }
    is_reading_ahead_ = false;
    arrived_.ring();
}

bool http_connection::make_space() {
    if (!is_pinned_) {
        if (begin_ == end_) begin_ = end_ = 0;
        if (capacity_ - end_ < smallest_read && begin_ > 0) {
            std::memmove(buffer_.get(), buffer_.get() + begin_, unread());
            end_ -= begin_;
            begin_ = 0;
        }
        if (capacity_ - end_ < smallest_read && capacity_ < capacity_most_) grow();
    }
    return end_ < capacity_;
}

void http_connection::forget_buffer() {
    buffer_.reset();
    capacity_ = begin_ = end_ = 0;
}

/// The next buffer is as large as what came last makes one expect.
void http_connection::note_read(std::size_t size) {
    if (end_ == capacity_) {
        next_capacity_ = std::min(capacity_most_, capacity_ * 4);
    } else if (size < first_capacity) {
        next_capacity_ = first_capacity;
    }
}

void http_connection::grow() {
    const auto capacity = std::min(capacity_most_, std::max(next_capacity_, capacity_ * 4));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (unread() > 0) std::memcpy(larger.get(), buffer_.get() + begin_, unread());
    end_ -= begin_;
    begin_ = 0;
    buffer_ = std::move(larger);
    capacity_ = capacity;
}

void http_connection::note_end(const error_code& error) {
    ended_ = error;
    if (gone_ && error != asio::error::timed_out) gone_();
    arrived_.ring();
}

void http_connection::watch(std::function<void()> gone) {
    gone_ = std::move(gone);
    if (gone_ && ended_ && ended_ != asio::error::timed_out) gone_();
}

awaitable<void> http_connection::wait_for_input(base::time_point deadline) {
    if (unread() == 0 && !is_pinned_ && !is_reading_) forget_buffer();
    if (is_reader_asleep_) wanted_.ring();
    stream_.read_deadline(deadline);
    (void)co_await arrived_.wait(base::time_point::max());
}

result<http::step> http_connection::end_of_input() {
    if (ended_ == asio::error::eof) return reader_.finish_eof(input());
    return ended_;
}

// Requests

awaitable<result<http::request_head>> http_connection::read_head() {
    forget_request();
    const auto idle_until = base::clock::now() + settings_.idle;
    auto header_until = base::time_point::max();
    for (;;) {
        const auto step = reader_.advance(input());
        if (!step) co_return step.error();
        consume(step->consumed);
        if (step->kind == http::step_kind::head) break;
        if (ended_) {
            const auto end = end_of_input();
            co_return end ? error_code(http::errc::truncated) : end.error();
        }
        if (header_until == base::time_point::max() && has_begun())
            header_until = base::clock::now() + settings_.header;
        co_await wait_for_input(std::min(header_until, has_begun() ? header_until : idle_until));
    }
    auto head = reader_.take_request();
    is_head_request_ = head.method == "HEAD";
    version_minor_ = head.version_minor;
    settle_head();
    co_return head;
}

awaitable<bool> http_connection::begins_with(std::string_view preface) {
    is_awaiting_head_ = true;
    const auto idle_until = base::clock::now() + settings_.idle;
    auto header_until = base::time_point::max();
    for (;;) {
        const auto come = input().substr(0, preface.size());
        if (come == preface) co_return true;
        if (!preface.starts_with(come) || ended_) co_return false;
        if (header_until == base::time_point::max() && !come.empty())
            header_until = base::clock::now() + settings_.header;
        co_await wait_for_input(std::min(header_until, idle_until));
    }
}

void http_connection::forget_request() {
    if (std::exchange(is_between_, false)) reader_.next();
    is_awaiting_head_ = true;
    is_body_done_ = true;
    has_body_ = wants_continue_ = is_head_request_ = false;
    version_minor_ = 1;
    sent_ = received_ = 0;
    has_answered_ = false;
}

void http_connection::settle_head() {
    stream_.read_deadline(base::time_point::max());
    is_awaiting_head_ = false;
    length_ = reader_.content_length();
    has_body_ = reader_.body() != http::body_kind::none && length_ != std::uint64_t{0};
    is_body_done_ = false;
    is_abandoned_ = false;
    wants_continue_ = has_body_ && reader_.expects_continue() && unread() == 0;
    keep_alive_ = reader_.keep_alive();
    discard_until_ = base::time_point::max();
    piece_ = {};
    if (has_body_) return;
    const auto end = reader_.advance(input());
    is_body_done_ = is_between_ = end && end->kind == http::step_kind::end;
    if (end) consume(end->consumed);
}

awaitable<result<std::string_view>> http_connection::read_body(std::size_t most) {
    while (piece_.empty()) {
        is_pinned_ = false;
        if (is_body_done_) co_return std::string_view();
        if (is_abandoned_) co_return error_code(asio::error::operation_aborted);
        auto step = reader_.advance(input());
        if (!step) co_return step.error();
        consume(step->consumed);
        if (step->kind == http::step_kind::data) {
            piece_ = step->data;
            continue;
        }
        if (step->kind == http::step_kind::end) {
            is_body_done_ = is_between_ = true;
            continue;
        }
        if (ended_) {
            const auto end = end_of_input();
            co_return end ? error_code(http::errc::truncated) : end.error();
        }
        const auto patience = std::min(discard_until_, base::clock::now() + settings_.body);
        co_await wait_for_input(wants_continue_ ? base::time_point::max() : patience);
    }
    is_pinned_ = true;
    wants_continue_ = false;
    stream_.read_deadline(base::time_point::max());
    const auto handed = piece_.substr(0, most);
    piece_.remove_prefix(handed.size());
    received_ += handed.size();
    co_return handed;
}

void http_connection::abandon_body() {
    is_abandoned_ = true;
    arrived_.ring();
}

awaitable<result<void>> http_connection::write_continue() {
    wants_continue_ = false;
    // Whoever waits for the body has waited without a deadline until now.
    arrived_.ring();
    stream_.write_deadline(base::clock::now() + settings_.body);
    const auto written = co_await stream_.write(http::continue_response);
    co_return written;
}

awaitable<bool> http_connection::finish_request() {
    gone_ = nullptr;
    if (!keep_alive_ || wants_continue_) co_return false;
    is_abandoned_ = false;
    discard_until_ = base::clock::now() + settings_.body;
    for (std::size_t discarded = 0; !is_body_done_ && discarded <= discarded_most;) {
        const auto piece = co_await read_body(discarded_most);
        if (!piece) co_return false;
        discarded += piece->size();
    }
    is_pinned_ = false;
    co_return is_body_done_;
}

// Responses

void http_connection::choose_framing(const http::response_head& head, std::size_t first, bool is_last) {
    const auto* length = head.headers.find("Content-Length");
    if (is_head_request_ || http::is_bodyless(head.status)) {
        framing_ = framing::none;
    } else if (length != nullptr) {
        framing_ = framing::length;
        owed_ = 0;
        std::from_chars(length->data(), length->data() + length->size(), owed_);
    } else if (is_last) {
        framing_ = framing::length;
        owed_ = first;
        http::append_field(out_, "Content-Length", std::to_string(first));
    } else if (version_minor_ >= 1) {
        framing_ = framing::chunked;
        http::append_field(out_, "Transfer-Encoding", "chunked");
    } else {
        framing_ = framing::until_close;
        keep_alive_ = false;
    }
}

awaitable<result<void>> http_connection::start_response(const http::response_head& head,
                                                        std::string_view first, bool is_last) {
    out_.clear();
    http::append_response_head(out_, head);
    out_.resize(out_.size() - 2);  // the empty line comes after the fields below
    sent_ = 0;
    has_answered_ = true;
    choose_framing(head, first.size(), is_last);
    // A client that still waits for leave to send its body may send it or not: nobody could tell.
    if (wants_continue_) keep_alive_ = false;
    if (!keep_alive_) {
        http::append_field(out_, "Connection", "close");
    } else if (version_minor_ == 0) {
        http::append_field(out_, "Connection", "keep-alive");
    }
    out_ += "\r\n";
    const auto written = co_await write_framed(first, is_last);
    co_return written;
}

awaitable<result<void>> http_connection::write_body(std::string_view piece, bool is_last) {
    out_.clear();
    const auto written = co_await write_framed(piece, is_last);
    co_return written;
}

bool http_connection::fits_length(std::size_t size, bool is_last) noexcept {
    if (framing_ != framing::length) return true;
    if (size > owed_) return false;
    owed_ -= size;
    return !is_last || owed_ == 0;
}

awaitable<result<void>> http_connection::write_framed(std::string_view piece, bool is_last) {
    if (framing_ == framing::none) piece = {};
    if (!fits_length(piece.size(), is_last)) co_return error_code(http::errc::bad_content_length);
    const bool is_chunk = framing_ == framing::chunked && !piece.empty();
    if (is_chunk) http::append_chunk_size(out_, piece.size());
    std::array<asio::const_buffer, 4> parts;
    parts[0] = asio::buffer(out_);
    parts[1] = asio::buffer(piece.data(), piece.size());
    if (is_chunk) parts[2] = asio::buffer(http::chunk_end);
    if (framing_ == framing::chunked && is_last) parts[3] = asio::buffer(http::last_chunk);
    if (asio::buffer_size(parts) == 0) co_return result<void>();
    stream_.write_deadline(base::clock::now() + settings_.body);
    const auto written = co_await stream_.write(parts);
    if (written) sent_ += piece.size();
    co_return written;
}

// Ends

awaitable<byte_stream> http_connection::detach(std::string& rest) {
    gone_ = nullptr;
    is_closed_ = true;
    wanted_.ring();
    stream_.read_deadline(
        base::clock::now());  // the read that is pending ends, the connection does not
    while (is_reading_ahead_) (void)co_await arrived_.wait(base::time_point::max());
    stream_.read_deadline(base::time_point::max());
    stream_.write_deadline(base::time_point::max());
    rest = input();
    co_return std::move(stream_);
}

awaitable<void> http_connection::linger() {
    gone_ = nullptr;
    stream_.shutdown_send();
    is_pinned_ = false;
    is_draining_ = true;
    piece_ = {};
    if (ended_ == asio::error::timed_out) ended_.clear();
    stream_.read_deadline(base::clock::now() + linger_time);
    if (is_reader_asleep_) {
        begin_ = end_ = 0;
        wanted_.ring();
    }
    while (!ended_ && !is_closed_ && drained_ < discarded_most)
        (void)co_await arrived_.wait(base::time_point::max());
    close();
}

void http_connection::drain() {
    settings_.idle = std::min(settings_.idle, parting);
    if (is_idle()) stream_.read_deadline(base::clock::now() + parting);
    // Who has been told that the connection goes on may have sent the next request already.
    if (!has_answered_) close_after_response();
}

void http_connection::close() {
    is_closed_ = true;
    stream_.close();
    arrived_.ring();
    wanted_.ring();
}

void http_connection::cut() {
    // Only where the end of the connection is the end of the body it has to look like an accident.
    if (framing_ == framing::until_close) stream_.reset();
    close();
}

}  // namespace crosstalk::net
