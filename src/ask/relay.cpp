// See relay.hpp.
#include "ask/relay.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <exception>

#include "ask/response_rules.hpp"
#include "base/wall_clock.hpp"
#include "http/error.hpp"

namespace crosstalk::ask {

using net::awaitable;
namespace asio = net::asio;

namespace {

/// Body bytes moved at a time: small enough that a slow client is not taken for a silent one.
constexpr std::size_t piece_most = 32 * 1024;

}  // namespace

relay::relay(net::executor ex, net::http_stream& connection, net::call opened,
             relay_settings settings, std::string script_name, bool is_long_target)
    : ex_(std::move(ex)),
      connection_(connection),
      call_(std::move(opened)),
      settings_(std::move(settings)),
      script_name_(std::move(script_name)),
      is_long_target_(is_long_target),
      left_(ex_) {}

/// While it exists, whoever leaves or has to go is heard of.
class relay::attention {
  public:
    explicit attention(relay& to) : to_(to) {
        to_.connection_.watch([&to] { to.client_left(); });
        if (to_.settings_.revocable) to_.settings_.revocable([&to] { to.revoke(); });
    }
    attention(const attention&) = delete;
    ~attention() {
        to_.connection_.watch({});
        if (to_.settings_.revocable) to_.settings_.revocable({});
    }

  private:
    relay& to_;
};

awaitable<relay_end> relay::run() {
    std::optional<attention> attentive(*this);
    if (!connection_.has_body()) {
        answer_due_ = base::clock::now() + settings_.response;
        auto answered = co_await answer();
        co_return answered;
    }
    net::task_group sending(ex_);
    sending.spawn(send_body());
    relay_end end;
    std::exception_ptr thrown;
    try {
        end = co_await answer();
    } catch (...) {
        thrown = std::current_exception();
    }
    is_over_ = true;
    left_.ring();
    attentive.reset();
    connection_.abandon_body();
    call_.wake();
    co_await sending.join();
    if (thrown) std::rethrow_exception(thrown);
    co_return end;
}

void relay::client_left() {
    is_client_gone_ = true;
    call_.shut_down("client-gone");
    call_.wake();
    left_.ring();
}

void relay::revoke() {
    if (has_begun_) {
        client_left();
        return connection_.cut();
    }
    is_revoked_ = true;
    call_.shut_down("client-gone");
    call_.wake();
}

awaitable<void> relay::keep_pace(std::size_t moved) {
    if (!settings_.pace) co_return;
    const auto free_at = settings_.pace(moved);
    while (base::clock::now() < free_at && !is_client_gone_ && !is_over_) (void)co_await left_.wait(free_at);
}

// The request's body

awaitable<void> relay::send_body() {
    for (std::uint64_t sent = 0; !is_over_ && !call_->is_over();) {
        const auto room = call_->room();
        if (room == 0) {
            const bool has_room = co_await call_.wait_room(base::clock::now() + settings_.response);
            if (has_room || call_->room() > 0) continue;
            is_late_ = true;
            call_.shut_down("timeout");
            break;
        }
        const auto piece = co_await connection_.read_body(std::min(room, piece_most));
        if (!piece) {
            if (!is_over_) body_failed(piece.error());
            break;
        }
        sent += piece->size();
        if (settings_.body != 0 && sent > settings_.body) {
            body_trouble_ = failure_of(refusal::body_too_large);
            call_.shut_down("too-large");
            break;
        }
        if (piece->empty()) {
            call_.finish();
            break;
        }
        call_.write(*piece);
        co_await keep_pace(piece->size());
    }
    answer_due_ = base::clock::now() + settings_.response;
    call_.wake();
}

void relay::body_failed(const error_code& error) {
    if (error == asio::error::timed_out) {
        body_trouble_ = failure_of(refusal::too_slow);
        return call_.shut_down("timeout");
    }
    const bool is_http = error.category() == http::make_error_code(http::errc::truncated).category();
    if (!is_http || error == http::errc::truncated) return client_left();
    body_trouble_ = failure_of_unreadable(http::status_of(error));
    call_.shut_down("client-gone");
}

// The response

awaitable<void> relay::wait_for_response() {
    while (call_->response() == nullptr && !call_->is_over()) {
        if (connection_.wants_continue() && call_->is_accepted()) {
            const auto written = co_await connection_.write_continue();
            if (!written) client_left();
            continue;
        }
        const bool in_time = co_await call_.wait_in(answer_due_);
        if (in_time || base::clock::now() < answer_due_) continue;
        is_late_ = true;
        call_.shut_down("timeout");
    }
}

relay_end relay::no_response() const {
    relay_end end;
    if (is_client_gone_) {
        end.what = relay_end::kind::client_gone;
    } else if (is_revoked_) {
        end.why = failure_of(refusal::withdrawn);
    } else if (body_trouble_) {
        end.why = *body_trouble_;
    } else if (is_late_) {
        end.ended = {talk::end_kind::timed_out, ""};
        end.why = failure_of(end.ended, is_long_target_);
    } else {
        end.why = failure_of(call_->end(), is_long_target_);
        end.ended = call_->end();
    }
    return end;
}

awaitable<relay_end> relay::answer() {
    co_await wait_for_response();
    if (call_->response() == nullptr || is_client_gone_ || is_revoked_) co_return no_response();
    relay_end end;
    if (call_->is_tunnel()) {
        end = co_await carry_websocket();
        co_return end;
    }
    auto head = shape_response(*call_->response(), script_name_, base::seconds_since_1970());
    if (!head) {
        end.why = unusable_answer();
        call_.shut_down("bad-response");
        co_return end;
    }
    // Beside what the site says: the stricter word counts (RFC 9111, 4.2.1).
    if (settings_.is_private) head->headers.add("Cache-Control", "private");
    end.status = head->status;
    has_begun_ = true;
    if (connection_.wants_continue() && head->status < 300) {
        // An application that answers before it reads still reads.
        const auto written = co_await connection_.write_continue();
        if (!written) client_left();
    }
    const auto first = call_.take(piece_most);
    const bool is_last = call_->is_drained();
    const auto started = co_await connection_.start_response(*head, first, is_last);
    bool is_whole = started.has_value();
    if (is_whole) co_await keep_pace(first.size());
    if (is_whole && !is_last && !connection_.is_bodyless()) is_whole = co_await write_rest();
    end.what = is_whole ? relay_end::kind::answered : relay_end::kind::cut;
    co_return end;
}

awaitable<relay_end> relay::carry_websocket() {
    relay_end end;
    const auto head = shape_switch(*call_->response(), script_name_);
    if (!head) {
        end.why = unusable_answer();
        call_.shut_down("bad-response");
        co_return end;
    }
    end.what = relay_end::kind::switched;
    end.status = head->status;
    has_begun_ = true;
    const auto written = co_await connection_.switch_protocols(*head);
    if (!written) {
        call_.shut_down("client-gone");
        co_return end;
    }
    auto paced = settings_.tunnel;
    paced.pace = settings_.pace;
    tunnel carried(ex_, connection_, call_, std::move(paced));
    co_await carried.run();
    co_return end;
}

awaitable<bool> relay::write_rest() {
    for (;;) {
        if (is_client_gone_) co_return false;
        if (call_->readable() > 0 || call_->is_drained()) {
            const auto piece = call_.take(piece_most);
            const bool is_last = call_->is_drained();
            const auto written = co_await connection_.write_body(piece, is_last);
            if (!written) co_return false;
            if (is_last) co_return true;
            co_await keep_pace(piece.size());
            continue;
        }
        if (call_->is_over()) co_return false;
        (void)co_await call_.wait_in();
    }
}

}  // namespace crosstalk::ask
