// See http2_connection.hpp.
#include "net/http2_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <exception>
#include <memory>
#include <vector>

#include "base/log.hpp"
#include "net/http2_stream.hpp"

namespace crosstalk::net {

namespace {

constexpr std::size_t read_at_once = 16 * 1024;
constexpr std::size_t written_at_once = 64 * 1024;
constexpr base::milliseconds linger_time{2'000};

http::http2_settings session_settings(const http_connection_settings& s) {
    http::http2_settings made;
    made.limits = s.limits;
    made.streams = s.streams;
    return made;
}

}  // namespace

http2_connection::http2_connection(executor ex, byte_stream stream, http_connection_settings settings,
                                   answer_function answer)
    : ex_(std::move(ex)),
      stream_(std::move(stream)),
      settings_(settings),
      answer_(std::move(answer)),
      session_(session_settings(settings), base::clock::now()),
      serving_(ex_),
      wanted_(ex_),
      begun_at_(base::clock::now()),
      idle_since_(begun_at_) {}

awaitable<void> http2_connection::run(std::string begun) {
    task_group writing(ex_);
    std::exception_ptr thrown;
    try {
        writing.spawn(write_out());
        take(begun);
        co_await read_in();
    } catch (...) {
        thrown = std::current_exception();
    }
    lose();
    co_await writing.join();
    co_await serving_.join();
    if (thrown) std::rethrow_exception(thrown);
}

base::time_point http2_connection::read_until() const {
    if (is_ending_) return linger_until_;
    if (const auto head_since = session_.head_since()) return *head_since + settings_.header;
    if (!session_.is_greeted()) return std::min(leave_by_, begun_at_ + settings_.header);
    // Writing has a deadline of its own.
    if (is_busy()) return session_.is_refusing() ? base::time_point::max() : leave_by_;
    return std::min(leave_by_, idle_since_ + settings_.idle);
}

awaitable<void> http2_connection::read_in() {
    while (!is_lost_) {
        stream_.read_deadline(read_until());
        const auto ready = co_await stream_.wait_input();
        if (!ready && ready.error() == asio::error::timed_out && !is_ending_) {
            end();
            continue;
        }
        if (!ready) co_return;
        const auto buffer = std::make_unique_for_overwrite<char[]>(read_at_once);
        const auto space = asio::buffer(buffer.get(), read_at_once);
        const auto got = co_await stream_.read_some(space);
        if (!got) co_return;
        take({buffer.get(), *got});
    }
}

/// The client has let a deadline pass.
void http2_connection::end() {
    const bool is_stuck_in_head = session_.head_since() || !session_.is_greeted();
    if (is_busy() && !is_stuck_in_head) {
        session_.refuse_streams();
    } else {
        session_.terminate(http::http2_reason::none);
        is_ending_ = true;
    }
    wake();
}

void http2_connection::take(std::string_view bytes) {
    if (is_ending_ || bytes.empty()) return;
    const auto read = session_.receive(bytes, base::clock::now());
    if (session_.is_flooded())
        base::log(base::log_level::debug, "a client of HTTP/2 sends too much that moves nothing",
                  {{"client", stream_.remote_address()}});
    hand_out_events();
    wake();
    if (!read) lose();
}

awaitable<void> http2_connection::write_out() {
    while (!is_lost_) {
        session_.produce(out_, written_at_once);
        hand_out_events();
        if (out_.empty()) {
            if (session_.is_over()) break;
            std::string().swap(out_);
            rest();
            (void)co_await wanted_.wait(base::time_point::max());
            continue;
        }
        stream_.write_deadline(base::clock::now() + settings_.body);
        const auto written = co_await stream_.write(out_);
        if (!written) lose();
        out_.clear();
    }
    // What the client still sends is read for a while, so that it can read what was written.
    is_ending_ = true;
    linger_until_ = base::clock::now() + linger_time;
    stream_.shutdown_send();
    stream_.read_deadline(linger_until_);
}

void http2_connection::hand_out_events() {
    using kind = http::http2_session::event::kind;
    while (const auto event = session_.poll()) {
        if (event->what == kind::request) {
            open(event->stream);
        } else if (const auto at = streams_.find(event->stream); at != streams_.end()) {
            at->second->notice(event->what);
        }
    }
}

void http2_connection::open(stream_id id) {
    if (!is_lost_ && serving_.size() < 2 * std::size_t{settings_.streams}) {
        serving_.spawn(serve(id));
        return;
    }
    session_.reset(id, http::http2_reason::refused);
    session_.forget(id);
}

awaitable<void> http2_connection::serve(stream_id id) {
    const struct leaving {
        http2_connection& from;
        stream_id id;
        ~leaving() { from.leave(id); }
    } at_exit{*this, id};
    http2_stream own(ex_, *this, id);
    streams_.emplace(id, &own);
    auto head = own.take_head();
    co_await answer_(own, std::move(head));
}

void http2_connection::leave(stream_id id) {
    streams_.erase(id);
    rest();
}

void http2_connection::rest() {
    if (is_busy() || is_ending_) return;
    idle_since_ = base::clock::now();
    stream_.read_deadline(read_until());
}

void http2_connection::drain() {
    leave_by_ = base::clock::now() + linger_time;
    session_.shut_down();
    stream_.read_deadline(read_until());
    wake();
}

void http2_connection::lose() {
    if (std::exchange(is_lost_, true)) return;
    stream_.close();
    wake();
    // Each may end at once, and is gone from the table then.
    std::vector<stream_id> open;
    for (const auto& each : streams_) open.push_back(each.first);
    for (const auto id : open)
        if (const auto at = streams_.find(id); at != streams_.end())
            at->second->notice(http::http2_session::event::kind::closed);
}

void http2_connection::cut() { lose(); }

}  // namespace crosstalk::net
