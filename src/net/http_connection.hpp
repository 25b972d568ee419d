// The server's side of one HTTP/1 connection: requests in, responses out, one after the other.
//
// Rule 1: two coroutines share it: read_ahead() keeps one read pending for as long as there is room, so
// that
//         a client that leaves is noticed while its answer is awaited; the rest belongs to whoever
//         serves. A request's body may be read by a third while the response is written.
// Rule 2: a response that is not whole never looks whole: the connection is cut instead.
// Rule 3: a small response is one write. Nothing is copied but heads.
// Rule 4: what is read ahead is bounded, and every wait has a deadline. While nothing comes, no buffer
// is
//         held.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_stream.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net {

class http_connection final : public http_stream {
  public:
    http_connection(executor ex, byte_stream stream, http_connection_settings settings);

    /// The server's side of a TLS handshake, before read_ahead() is spawned. It may take as long as a
    /// head may.
    [[nodiscard]] awaitable<result<void>> accept_tls(const tls_server_context& context);
    /// To be spawned once; ends after close().
    [[nodiscard]] awaitable<void> read_ahead();

    /// The next request's head. Errors: of http::errc (closed: the client is done), timed_out, or what
    /// the socket says.
    [[nodiscard]] awaitable<result<http::request_head>> read_head();
    /// After a failed read_head(): whether the client had begun a request, so that it is owed an
    /// answer.
    [[nodiscard]] bool has_begun() const noexcept { return !reader_.is_idle() || unread() > 0; }
    /// Whether it waits for a handshake, or for a request of which nothing has come.
    [[nodiscard]] bool is_idle() const noexcept { return is_awaiting_head_ && !has_begun(); }

    /// Whether the client begins with the very bytes of `preface`. It waits as read_head() does, and
    /// takes nothing.
    [[nodiscard]] awaitable<bool> begins_with(std::string_view preface);

    [[nodiscard]] bool has_body() const noexcept override { return has_body_; }
    [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept override {
        return length_;
    }
    [[nodiscard]] awaitable<result<std::string_view>> read_body(std::size_t most) override;
    [[nodiscard]] std::uint64_t body_received() const noexcept override { return received_; }
    void abandon_body() override;
    [[nodiscard]] bool wants_continue() const noexcept override { return wants_continue_; }
    [[nodiscard]] awaitable<result<void>> write_continue() override;
    void watch(std::function<void()> gone) override;

    void close_after_response() noexcept override { keep_alive_ = false; }
    [[nodiscard]] awaitable<result<void>> start_response(const http::response_head& head,
                                                         std::string_view first, bool is_last) override;
    [[nodiscard]] awaitable<result<void>> write_body(std::string_view piece, bool is_last) override;
    [[nodiscard]] bool is_bodyless() const noexcept override { return framing_ == framing::none; }
    [[nodiscard]] std::uint64_t body_sent() const noexcept override { return sent_; }
    [[nodiscard]] awaitable<bool> finish_request() override;

    [[nodiscard]] awaitable<result<void>> switch_protocols(const http::response_head& head) override;
    [[nodiscard]] awaitable<result<std::string_view>> read_opaque(std::size_t most) override;
    [[nodiscard]] awaitable<result<void>> write_opaque(std::string_view bytes) override;
    void finish_opaque() override { stream_.shutdown_send(); }

    /// Hands over the connection itself, after a request without a body, for what is no HTTP/1 any
    /// more; `rest` is what has been read behind the request. Nothing else may be called afterwards but
    /// close().
    [[nodiscard]] awaitable<byte_stream> detach(std::string& rest);

    /// Lets it end: a request that is on its way is answered yet, as the last one where the client can
    /// still be told; who is silent for `parting` is closed.
    void drain();
    static constexpr base::milliseconds parting{1'000};
    [[nodiscard]] awaitable<void> linger() override;
    void close() override;
    void cut() override;

    [[nodiscard]] const byte_stream& stream() const noexcept override { return stream_; }
    [[nodiscard]] http_connection* whole_connection() noexcept override { return this; }

  private:
    enum class framing : std::uint8_t { none, length, chunked, until_close };

    [[nodiscard]] std::size_t unread() const noexcept { return end_ - begin_; }
    [[nodiscard]] std::string_view input() const noexcept { return {buffer_.get() + begin_, unread()}; }
    void consume(std::size_t bytes) noexcept { begin_ += bytes; }
    [[nodiscard]] bool make_space();
    void grow();
    void forget_buffer();
    void note_read(std::size_t size);
    void note_end(const error_code& error);
    [[nodiscard]] awaitable<void> wait_for_input(base::time_point deadline);
    void forget_request();
    void settle_head();
    [[nodiscard]] result<http::step> end_of_input();
    void choose_framing(const http::response_head& head, std::size_t first, bool is_last);
    [[nodiscard]] bool fits_length(std::size_t size, bool is_last) noexcept;
    [[nodiscard]] awaitable<result<void>> write_framed(std::string_view piece, bool is_last);

    byte_stream stream_;
    http_connection_settings settings_;
    http::reader reader_;
    bell arrived_;  ///< bytes, or the end
    bell wanted_;   ///< the reader may go on
    std::function<void()> gone_;

    // What has been read ahead: [begin_, end_) of capacity_.
    std::unique_ptr<char[]> buffer_;
    static constexpr std::size_t first_capacity = 4 * 1024;
    std::size_t capacity_ = 0, begin_ = 0, end_ = 0, capacity_most_ = 0;
    std::size_t next_capacity_ = first_capacity;
    bool is_pinned_ = false;  ///< somebody looks at bytes in front of begin_: nothing may move
    bool is_reader_asleep_ = false;
    bool is_reading_ = false;  ///< into the buffer, which has to stay
    bool is_closed_ = false;
    bool is_reading_ahead_ = false;  ///< read_ahead() runs
    bool is_draining_ = false;
    std::size_t drained_ = 0;
    error_code ended_;

    // The request.
    bool is_awaiting_head_ = false;
    bool is_between_ = false;  ///< the reader has to be told that the next request begins
    bool has_body_ = false;
    bool is_body_done_ = true;
    bool is_abandoned_ = false;
    bool wants_continue_ = false;
    bool is_head_request_ = false;
    bool keep_alive_ = false;
    unsigned version_minor_ = 1;
    std::optional<std::uint64_t> length_;
    std::string_view piece_;
    base::time_point discard_until_ = base::time_point::max();

    // The response.
    framing framing_ = framing::none;
    bool has_answered_ = false;  ///< the head has been written
    std::uint64_t owed_ = 0;     ///< bytes to come under Content-Length
    std::uint64_t sent_ = 0, received_ = 0;
    std::string out_;
};

}  // namespace crosstalk::net
