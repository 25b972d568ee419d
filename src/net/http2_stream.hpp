// One request of a connection of HTTP/2, and its response.
#pragma once

#include <string>

#include "net/http2_connection.hpp"

namespace crosstalk::net {

class http2_stream final : public http_stream {
  public:
    using stream_id = http::http2_session::stream_id;

    /// `by` must outlive it.
    http2_stream(const executor& ex, http2_connection& by, stream_id id);
    ~http2_stream() override;

    /// The request's head, to be called first. Errors are of http::errc.
    [[nodiscard]] result<http::request_head> take_head();
    /// Something has happened to the stream.
    void notice(http::http2_session::event::kind what);

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

    void close_after_response() noexcept override {}
    [[nodiscard]] awaitable<result<void>> start_response(const http::response_head& head,
                                                         std::string_view first, bool is_last) override;
    [[nodiscard]] awaitable<result<void>> write_body(std::string_view piece, bool is_last) override;
    [[nodiscard]] bool is_bodyless() const noexcept override { return is_bodyless_; }
    [[nodiscard]] std::uint64_t body_sent() const noexcept override { return sent_; }
    [[nodiscard]] awaitable<bool> finish_request() override;

    [[nodiscard]] awaitable<result<void>> switch_protocols(const http::response_head& head) override;
    [[nodiscard]] awaitable<result<std::string_view>> read_opaque(std::size_t most) override;
    [[nodiscard]] awaitable<result<void>> write_opaque(std::string_view bytes) override;
    void finish_opaque() override;

    [[nodiscard]] awaitable<void> linger() override;
    void close() override;
    void cut() override { close(); }

    [[nodiscard]] const byte_stream& stream() const noexcept override { return by_.stream(); }

  private:
    [[nodiscard]] bool is_closed() const { return is_closed_ || by_.is_lost(); }
    [[nodiscard]] std::string_view next_piece(std::size_t most);
    [[nodiscard]] bool fits_length(std::size_t size, bool is_last) noexcept;
    [[nodiscard]] awaitable<result<void>> write(std::string_view piece, bool is_last);
    [[nodiscard]] awaitable<result<void>> until_sent();

    http2_connection& by_;
    stream_id id_;
    sticky_bell came_, went_;
    std::function<void()> gone_;
    bool is_closed_ = false;

    // The request.
    bool has_body_ = false;
    bool is_head_request_ = false;
    bool wants_continue_ = false;
    bool is_abandoned_ = false;
    std::optional<std::uint64_t> length_;
    std::string input_;          ///< taken from the session
    std::size_t input_at_ = 0;   ///< of it handed out
    std::size_t unconsumed_ = 0;  ///< bytes that whoever reads is still looking at

    // The response.
    bool is_bodyless_ = false;
    bool is_over_ = false;  ///< its end has been given to the session
    std::optional<std::uint64_t> owed_;  ///< bytes to come under Content-Length
    std::uint64_t sent_ = 0, received_ = 0;
};

}  // namespace crosstalk::net
