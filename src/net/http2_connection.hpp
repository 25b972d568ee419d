// The server's side of one connection of HTTP/2: each request is answered by a coroutine of its own.
//
// Rule 1: one coroutine reads, one writes, and neither waits for a stream.
// Rule 2: while nothing is to be read or written, no buffer is held.
// Rule 3: a stream ends with its coroutine. A client that resets streams faster than they end gets no
//         more of them.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>

#include "http/http2_session.hpp"
#include "net/http_stream.hpp"
#include "net/sticky_bell.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net {

class http2_stream;

class http2_connection {
  public:
    /// Answers one request, or says why it could not be read.
    using answer_function =
        std::function<awaitable<void>(http_stream& stream, result<http::request_head> head)>;

    http2_connection(executor ex, byte_stream stream, http_connection_settings settings,
                     answer_function answer);
    http2_connection(const http2_connection&) = delete;
    http2_connection& operator=(const http2_connection&) = delete;

    /// To be called once, with what has been read already; returns when the connection is closed and
    /// every request has ended.
    [[nodiscard]] awaitable<void> run(std::string begun);
    /// Lets the client open no more streams; the connection ends with those that are open.
    void drain();
    void cut();

    // For its streams.

    [[nodiscard]] http::http2_session& session() noexcept { return session_; }
    [[nodiscard]] const http_connection_settings& settings() const noexcept { return settings_; }
    [[nodiscard]] const byte_stream& stream() const noexcept { return stream_; }
    /// Whether the client has gone.
    [[nodiscard]] bool is_lost() const noexcept { return is_lost_; }
    /// There is something to write.
    void wake() { wanted_.ring(); }

  private:
    using stream_id = http::http2_session::stream_id;

    [[nodiscard]] awaitable<void> read_in();
    [[nodiscard]] awaitable<void> write_out();
    [[nodiscard]] awaitable<void> serve(stream_id id);
    void take(std::string_view bytes);
    void hand_out_events();
    void open(stream_id id);
    void leave(stream_id id);
    void rest();
    void end();
    void lose();
    [[nodiscard]] bool is_busy() const noexcept { return !streams_.empty() || !out_.empty(); }
    [[nodiscard]] base::time_point read_until() const;

    executor ex_;
    byte_stream stream_;
    http_connection_settings settings_;
    answer_function answer_;
    http::http2_session session_;
    task_group serving_;
    sticky_bell wanted_;
    std::unordered_map<stream_id, http2_stream*> streams_;
    base::time_point begun_at_, idle_since_;
    base::time_point leave_by_ = base::time_point::max();  ///< with no stream left
    base::time_point linger_until_ = base::time_point::max();
    std::string out_;  ///< what is being written
    bool is_lost_ = false;
    bool is_ending_ = false;  ///< nothing is read any more but to let the client read
};

}  // namespace crosstalk::net
