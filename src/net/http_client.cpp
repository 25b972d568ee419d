// The pool, and one exchange over a connection of it.
#include "net/http_client.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "http/reader.hpp"
#include "http/writer.hpp"
#include "net/task_group.hpp"

namespace crosstalk::net {
namespace {

constexpr std::size_t read_size = 32 * 1024;
// A line that the reader does not refuse fits: its limit, and some room to see that there is more.
constexpr std::size_t buffer_most = 80 * 1024;

bool is_idempotent(std::string_view method) {
    constexpr std::array methods{"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"};
    return std::ranges::find(methods, method) != methods.end();
}

/// Bytes received and not used yet.
class inbox {
  public:
    [[nodiscard]] std::string_view view() const noexcept {
        return {space_.data() + begin_, end_ - begin_};
    }
    void consume(std::size_t n) noexcept { begin_ += n; }
    /// Room for more; views from before are no longer valid. Empty when the limit has been reached.
    [[nodiscard]] asio::mutable_buffer prepare() {
        if (begin_ > 0) {
            std::copy(space_.begin() + static_cast<std::ptrdiff_t>(begin_),
                      space_.begin() + static_cast<std::ptrdiff_t>(end_), space_.begin());
            end_ -= std::exchange(begin_, 0);
        }
        if (end_ == space_.size()) space_.resize(space_.empty() ? read_size : buffer_most);
        return asio::buffer(space_.data() + end_, space_.size() - end_);
    }
    void commit(std::size_t n) noexcept { end_ += n; }

  private:
    std::vector<char> space_;
    std::size_t begin_ = 0, end_ = 0;
};

struct connection {
    explicit connection(byte_stream s) : stream(std::move(s)) {}

    byte_stream stream;
    http::reader reader{http::reader::role::response};
    inbox received;
    base::time_point idle_until{};
};
using connection_ptr = std::shared_ptr<connection>;

awaitable<result<void>> fill(connection& c) {
    const auto space = c.received.prepare();
    if (space.size() == 0) co_return error_code{http::errc::head_too_large};
    const auto got = co_await c.stream.read_some(space);
    if (got.has_error()) co_return got.error();
    c.received.commit(*got);
    co_return result<void>{};
}

}  // namespace

struct http_client::state {
    state(executor e, resolver& n, http_client_settings s)
        : ex(std::move(e)), names(n), settings(std::move(s)), tasks(ex), ended(ex) {}

    executor ex;
    resolver& names;
    http_client_settings settings;
    task_group tasks;
    bell ended;
    std::vector<connection_ptr> idle;  ///< the one used last at the end
    bool is_sweeping = false;
    bool stopped = false;

    [[nodiscard]] awaitable<result<connection_ptr>> dial() const;
    [[nodiscard]] connection_ptr take_idle();
    void give_back(connection_ptr c);
    [[nodiscard]] awaitable<void> sweep();
};

awaitable<result<connection_ptr>> http_client::state::dial() const {
    const auto& to = settings.origin;
    auto dialled = to.unix_path.empty() ? dial_tcp(names, to.host, to.port, settings.connect_timeout)
                                        : dial_unix(to.unix_path, settings.connect_timeout);
    auto made = co_await std::move(dialled);
    if (made.has_error()) co_return made.error();
    auto c = std::make_shared<connection>(std::move(*made));
    if (to.tls) {
        const auto until = base::clock::now() + settings.connect_timeout;
        c->stream.read_deadline(until);
        c->stream.write_deadline(until);
        const auto secured = co_await c->stream.start_tls(settings.tls, to.host);
        if (secured.has_error()) co_return secured.error();
        c->stream.read_deadline(base::time_point::max());
        c->stream.write_deadline(base::time_point::max());
    }
    co_return c;
}

/// The one used last: the others may then grow old and go.
connection_ptr http_client::state::take_idle() {
    while (!idle.empty()) {
        auto c = std::move(idle.back());
        idle.pop_back();
        if (!c->stream.is_stale()) return c;
    }
    return nullptr;
}

void http_client::state::give_back(connection_ptr c) {
    if (stopped || idle.size() >= settings.idle_most) return c->stream.close();
    c->reader.next();
    c->idle_until = base::clock::now() + settings.idle_time;
    idle.push_back(std::move(c));
    if (!std::exchange(is_sweeping, true)) tasks.spawn(sweep());
}

/// Closes what has been idle for too long, while there is anything idle.
awaitable<void> http_client::state::sweep() {
    while (!idle.empty() && !stopped) {
        const auto next = idle.front()->idle_until;
        (void)co_await ended.wait(next);
        const auto now = base::clock::now();
        std::erase_if(idle, [now](const connection_ptr& c) { return c->idle_until <= now; });
    }
    is_sweeping = false;
}

struct http_exchange::state {
    std::shared_ptr<http_client::state> pool;
    connection_ptr wire;
    std::string method;
    std::string again;  ///< the whole request while it may be sent a second time, else ""
    std::optional<std::uint64_t> unsent;  ///< of the length announced
    bool is_chunked = false;
    bool is_sent = false;    ///< the request is complete
    bool is_ended = false;   ///< the response is complete
    bool may_go_on = false;  ///< as far as the response's head is concerned
    bool is_closed = false;
    bool is_opaque = false;  ///< after 101
    bool has_heard = false;  ///< a byte of an answer has come

    ~state();
    [[nodiscard]] awaitable<result<void>> send_head(http_request request);
    [[nodiscard]] awaitable<result<void>> send_again();
    [[nodiscard]] awaitable<result<http::response_head>> read_head_once();
};

http_exchange::state::~state() {
    if (!wire) return;
    const bool is_clean =
        is_sent && is_ended && may_go_on && !is_closed && !is_opaque && wire->received.view().empty();
    if (is_clean && wire->stream.is_open()) {
        pool->give_back(std::move(wire));
    } else {
        wire->stream.close();
    }
}

awaitable<result<void>> http_exchange::state::send_head(http_request request) {
    if (!http::is_safe(request.head)) co_return error_code{http::errc::bad_field_value};
    method = request.head.method;
    is_chunked = request.is_chunked;
    unsent = request.length;
    std::string bytes;
    http::append_request_head(bytes, request.head);
    const bool has_body = is_chunked || unsent.value_or(0) > 0;
    is_sent = !has_body;

    wire = pool->take_idle();
    const bool is_reused = wire != nullptr;
    if (is_reused && !has_body && is_idempotent(method)) again = bytes;
    if (!is_reused) {
        auto fresh = co_await pool->dial();
        if (fresh.has_error()) co_return fresh.error();
        wire = std::move(*fresh);
    }
    wire->reader.expect_response_to(method);
    if (has_body && !request.first.empty()) {
        if (!is_chunked && request.first.size() > *unsent) {
            co_return error_code{http::errc::bad_content_length};
        }
        if (is_chunked) http::append_chunk_size(bytes, request.first.size());
        bytes += request.first;
        if (is_chunked) bytes += http::chunk_end;
        if (!is_chunked) *unsent -= request.first.size();
        is_sent = !is_chunked && *unsent == 0;
    }
    const auto written = co_await wire->stream.write(bytes);
    if (written.has_value() || again.empty()) co_return written;
    const auto repeated = co_await send_again();
    co_return repeated;
}

awaitable<result<void>> http_exchange::state::send_again() {
    const std::string bytes = std::exchange(again, {});
    wire->stream.close();
    auto fresh = co_await pool->dial();
    if (fresh.has_error()) co_return fresh.error();
    if (is_closed) co_return error_code{asio::error::operation_aborted};
    wire = std::move(*fresh);
    wire->reader.expect_response_to(method);
    const auto written = co_await wire->stream.write(bytes);
    co_return written;
}

awaitable<result<http::response_head>> http_exchange::state::read_head_once() {
    for (;;) {
        has_heard = has_heard || !wire->received.view().empty();
        const auto step = wire->reader.advance(wire->received.view());
        if (step.has_error()) co_return step.error();
        wire->received.consume(step->consumed);
        if (step->kind == http::step_kind::head) {
            auto head = wire->reader.take_response();
            may_go_on = wire->reader.keep_alive();
            is_opaque = head.status == 101;
            const bool is_interim = head.status < 200 && !is_opaque;
            if (!is_interim) co_return head;
            again.clear();
            continue;
        }
        const auto filled = co_await fill(*wire);
        if (filled.has_error() && filled.error() != asio::error::eof) co_return filled.error();
        if (filled.has_error()) {
            const auto end = wire->reader.finish_eof(wire->received.view());
            co_return end.has_error() ? end.error() : error_code{http::errc::truncated};
        }
    }
}

http_exchange::http_exchange() = default;
http_exchange::http_exchange(http_exchange&&) noexcept = default;
http_exchange& http_exchange::operator=(http_exchange&&) noexcept = default;
http_exchange::~http_exchange() = default;
http_exchange::http_exchange(std::unique_ptr<state> s) : state_(std::move(s)) {}

awaitable<result<void>> http_exchange::write(std::string_view piece) {
    auto& s = *state_;
    if (piece.empty()) co_return result<void>{};
    if (s.is_opaque) {
        const auto passed = co_await s.wire->stream.write(piece);
        co_return passed;
    }
    if (!s.is_chunked) {
        if (piece.size() > s.unsent.value_or(0)) co_return error_code{http::errc::bad_content_length};
        *s.unsent -= piece.size();
        const auto written = co_await s.wire->stream.write(piece);
        co_return written;
    }
    std::string size_line;
    http::append_chunk_size(size_line, piece.size());
    const std::array<asio::const_buffer, 3> buffers{asio::buffer(size_line), asio::buffer(piece),
                                                    asio::buffer(http::chunk_end)};
    co_return co_await s.wire->stream.write(buffers);
}

awaitable<result<void>> http_exchange::finish() {
    auto& s = *state_;
    if (s.is_opaque) s.wire->stream.shutdown_send();
    if (s.is_sent || s.is_opaque) co_return result<void>{};
    if (!s.is_chunked) {
        if (s.unsent.value_or(0) > 0) co_return error_code{http::errc::truncated};
        s.is_sent = true;
        co_return result<void>{};
    }
    const auto written = co_await s.wire->stream.write(http::last_chunk);
    s.is_sent = written.has_value();
    co_return written;
}

awaitable<result<http::response_head>> http_exchange::read_head() {
    auto& s = *state_;
    auto head = co_await s.read_head_once();
    // 408 is what some servers say to a connection that has been idle for too long.
    const bool is_stale = head.has_error() ? !s.has_heard : head->status == 408;
    if (s.again.empty() || !is_stale || s.is_closed) co_return head;
    const auto sent = co_await s.send_again();
    if (sent.has_error()) co_return sent.error();
    head = co_await s.read_head_once();
    co_return head;
}

awaitable<result<std::string_view>> http_exchange::read_body() {
    auto& s = *state_;
    while (!s.is_ended) {
        const auto step = s.wire->reader.advance(s.wire->received.view());
        if (step.has_error()) co_return step.error();
        s.wire->received.consume(step->consumed);
        if (step->kind == http::step_kind::data && !step->data.empty()) co_return step->data;
        if (step->kind == http::step_kind::end) s.is_ended = true;
        if (step->kind != http::step_kind::need_more) continue;
        const auto filled = co_await fill(*s.wire);
        if (filled.has_value()) continue;
        if (filled.error() != asio::error::eof) co_return filled.error();
        const auto end = s.wire->reader.finish_eof(s.wire->received.view());
        if (end.has_error()) co_return end.error();
        s.is_ended = true;
        s.may_go_on = false;
    }
    co_return std::string_view{};
}

void http_exchange::close() {
    if (!state_) return;
    state_->is_closed = true;
    if (state_->wire) state_->wire->stream.close();
}

http_client::http_client(executor ex, resolver& names, http_client_settings settings)
    : state_(std::make_shared<state>(std::move(ex), names, std::move(settings))) {}
http_client::~http_client() = default;

awaitable<result<http_exchange>> http_client::start(http_request request) {
    auto s = std::make_unique<http_exchange::state>();
    s->pool = state_;
    const auto sent = co_await s->send_head(std::move(request));
    if (sent.has_error()) co_return sent.error();
    co_return http_exchange{std::move(s)};
}

awaitable<void> http_client::stop() {
    state_->stopped = true;
    state_->idle.clear();
    state_->ended.ring();
    co_await state_->tasks.join();
}

}  // namespace crosstalk::net
