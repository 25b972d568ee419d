// What a reader makes of a stream, as one value, however the stream is cut into pieces.
//
// Two readings of the same bytes must be equal; the tests and the fuzz target compare them.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "http/reader.hpp"

namespace crosstalk::http::testing {

struct seen_message {
    std::string start_line;  ///< "GET /x 1" or "200 OK 1": as the reader understood it
    fields headers;
    body_kind body = body_kind::none;
    std::optional<std::uint64_t> length;
    bool keep_alive = false;
    bool expects_continue = false;
    std::string bytes;
    bool is_complete = false;
    bool operator==(const seen_message&) const = default;
};

struct reading {
    std::vector<seen_message> messages;
    error_code error;
    bool is_idle = true;
    bool operator==(const reading&) const = default;
};

/// How to read: who speaks, in pieces of what size, and whether the connection ends behind the input.
struct manner {
    reader::role role = reader::role::request;
    std::size_t piece = std::string_view::npos;
    bool eof = false;
    std::deque<std::string> methods;  ///< what the responses answer; GET once it is used up
    reader_limits limits;
};

/// Feeds `stream` to a reader as a connection would, and writes down what comes out.
class feeder {
  public:
    explicit feeder(manner how) : how_(std::move(how)), reader_(how_.role, how_.limits) { expect(); }

    [[nodiscard]] reading read(std::string_view stream) {
        while (!stream.empty() && !seen_.error) {
            const auto piece = stream.substr(0, how_.piece);
            stream.remove_prefix(piece.size());
            buffer_ += piece;
            drain();
        }
        if (how_.eof && !seen_.error) {
            const auto end = reader_.finish_eof(buffer_);
            if (end.has_error()) {
                seen_.error = end.error();
            } else {
                seen_.messages.back().is_complete = true;
            }
        }
        seen_.is_idle = reader_.is_idle();
        return std::move(seen_);
    }

  private:
    void expect() {
        if (how_.role == reader::role::request) return;
        reader_.expect_response_to(how_.methods.empty() ? "GET" : how_.methods.front());
        if (!how_.methods.empty()) how_.methods.pop_front();
    }

    void drain() {
        for (;;) {
            const auto step = reader_.advance(buffer_);
            if (step.has_error()) {
                seen_.error = step.error();
                return;
            }
            if (step->kind == step_kind::head) note_head();
            if (step->kind == step_kind::data) seen_.messages.back().bytes += step->data;
            buffer_.erase(0, step->consumed);
            if (step->kind == step_kind::need_more) return;
            if (step->kind != step_kind::end) continue;
            seen_.messages.back().is_complete = true;
            reader_.next();
            expect();
        }
    }

    void note_head() {
        seen_message message;
        if (how_.role == reader::role::request) {
            auto head = reader_.take_request();
            message.start_line =
                head.method + ' ' + head.target + ' ' + std::to_string(head.version_minor);
            message.headers = std::move(head.headers);
        } else {
            auto head = reader_.take_response();
            message.start_line = std::to_string(head.status) + ' ' + head.reason + ' ' +
                                 std::to_string(head.version_minor);
            message.headers = std::move(head.headers);
        }
        message.body = reader_.body();
        message.length = reader_.content_length();
        message.keep_alive = reader_.keep_alive();
        message.expects_continue = reader_.expects_continue();
        seen_.messages.push_back(std::move(message));
    }

    manner how_;
    reader reader_;
    std::string buffer_;
    reading seen_;
};

[[nodiscard]] inline reading read_stream(std::string_view stream, manner how) {
    return feeder(std::move(how)).read(stream);
}

}  // namespace crosstalk::http::testing
