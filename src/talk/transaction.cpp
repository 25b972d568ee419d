// See crosstalk/transaction.hpp.
#include "crosstalk/transaction.hpp"

#include <algorithm>

namespace crosstalk::talk {
namespace {

constexpr std::uint64_t first_credit = 65'536;  ///< without any `window`
constexpr std::uint64_t first_in_result =
    16'384;  ///< body bytes that results may carry without a `window`

constexpr std::size_t large_body = 65'536, most_reserved = 512 * 1024;

bool asks_to_switch(const cgi::environ_map& request) {
    return http::iequals(request.get("HTTP_UPGRADE"), "websocket");
}

bool switches(const response_start& start) { return start.status == 101; }

// Drops what has gone from the front of a buffer, now and then.
void compact(std::string& buffer, std::size_t& done) {
    if (done == buffer.size()) {
        buffer.clear();
        done = 0;
    } else if (done >= 65'536 && done * 2 >= buffer.size()) {
        buffer.erase(0, done);
        done = 0;
    }
}

}  // namespace

transaction::transaction(enum role r, std::string remote, std::string batch,
                         transaction_settings settings, time_point now)
    : role_(r),
      remote_(std::move(remote)),
      batch_(std::move(batch)),
      settings_(settings),
      last_progress_(now) {}

const cgi::environ_map* transaction::request() const noexcept {
    return request_ ? &*request_ : nullptr;
}
const response_start* transaction::response() const noexcept {
    return response_ ? &*response_ : nullptr;
}

std::string transaction::take(std::size_t max) {
    const std::size_t n = std::min(max, readable());
    std::string bytes;
    if (in_taken_ == 0 && n == in_.size()) {
        bytes = std::exchange(in_, {});
    } else {
        bytes = in_.substr(in_taken_, n);
        in_taken_ += n;
        compact(in_, in_taken_);
    }
    consumed_ += n;
    return bytes;
}

void transaction::respond(response_start start) {
    if (is_over() || head_sent_ || response_out_) return;
    if (switches(start) && asked_to_switch_ && is_drained()) receive_anew();
    response_out_ = std::move(start);
}

// What was said of the request's body counts no more.
void transaction::receive_anew() noexcept {
    is_tunnel_ = true;
    remote_finished_ = false;
    received_ = consumed_ = answered_ = window_sent_ = 0;
}

std::size_t transaction::room() const noexcept {
    if (is_over() || finish_wanted_) return 0;
    const std::size_t held = out_.size() - out_sent_;
    return settings_.buffer > held ? settings_.buffer - held : 0;
}

void transaction::write(std::string_view bytes) {
    if (is_over() || finish_wanted_) return;
    const auto taken = bytes.substr(0, room());
    // A body that does not go at once will fill the buffer. With what compact() leaves in front, that
    // is twice its size at most: it grows to that in one step.
    if (out_.size() + taken.size() > large_body)
        out_.reserve(std::min(2 * settings_.buffer, most_reserved));
    out_.append(taken);
}

void transaction::finish() { finish_wanted_ = true; }

void transaction::shut_down(std::string_view reason) {
    if (is_over()) return;
    shutdown_due_ = role_ == role::answerer || head_sent_;
    shutdown_reason_ = reason;
    end(end_kind::given_up, std::string(reason));
}

void transaction::end(end_kind kind, std::string reason) {
    if (is_over()) return;
    outcome_ = {kind, std::move(reason)};
    change_ = {true, true};
    if (kind != end_kind::completed) {
        in_.clear();
        in_taken_ = 0;
    }
    out_.clear();
    out_sent_ = 0;
    request_out_.reset();
    response_out_.reset();
}

std::uint64_t transaction::credit() const noexcept {
    return window_ ? *window_ : first_credit + acknowledged_;
}

std::uint64_t transaction::sendable(carrier by) const noexcept {
    std::uint64_t limit = credit();
    if (by == carrier::result && !window_) limit = std::min(limit, first_in_result);
    const std::uint64_t credited = limit > sent_ ? limit - sent_ : 0;
    return std::min<std::uint64_t>(credited, out_.size() - out_sent_);
}

std::string_view transaction::waiting(carrier by) const noexcept {
    return {out_.data() + out_sent_, static_cast<std::size_t>(sendable(by))};
}

// The owner's taking moves the window on: told in steps of half a buffer, and at once where a body
// begins that may be long.
bool transaction::wants_window() const noexcept {
    if (is_over() || remote_finished_) return false;
    if (window_due_) return true;
    if (window_sent_ == 0) return role_ == role::answerer || received_ > 0;
    return consumed_ + settings_.buffer >= window_sent_ + settings_.buffer / 2;
}

std::uint64_t transaction::allowed() const noexcept {
    return std::max(window_sent_, first_credit + answered_);
}

bool transaction::is_overrun() const noexcept { return !is_over() && received_ > allowed(); }

bool transaction::owes_body() const noexcept {
    return !is_over() && !remote_finished_ && (role_ == role::answerer || response_);
}

void transaction::answered() noexcept {
    if (window_sent_ == 0) answered_ = received_;
}

bool transaction::has_output(carrier by, bool with_payload) const noexcept {
    if (shutdown_due_) return true;
    if (is_over()) return false;
    if (wants_window() && (head_sent_ || role_ == role::answerer)) return true;
    if (request_out_ || response_out_) return with_payload;
    if (!head_sent_) return false;
    const bool all_gone = out_sent_ == out_.size();
    if (finish_wanted_ && !finish_sent_ && all_gone) return true;
    return with_payload && sendable(by) > 0;
}

void transaction::note_head(const message& m, bool with_head) {
    head_sent_ = head_sent_ || with_head;
    if (m.request) asked_to_switch_ = asks_to_switch(*m.request);
    if (m.window) {
        window_sent_ = std::max(window_sent_, *m.window);
        window_due_ = false;
    }
    if (m.response && is_tunnel_) {
        window_.reset();
        window_due_ = true;  // windows that were sent before the 101 count no more
    }
}

void transaction::note_sent() {
    compact(out_, out_sent_);
    // A WebSocket lives long, and may never have as much to say again.
    if (is_tunnel_ && out_.empty() && out_.capacity() > large_body) out_ = {};
    change_.room = true;
}

void transaction::acknowledge(std::uint64_t body, time_point now) {
    acknowledged_ += body;
    last_progress_ = now;
    if (!accepted_) {
        accepted_ = true;
        change_.in = true;
    }
}

void transaction::receive(message&& m, time_point now) {
    const auto data = std::exchange(m.data, std::nullopt);
    receive(std::move(m), data ? std::optional<std::string_view>(*data) : std::nullopt, now);
}

void transaction::receive(message&& m, std::optional<std::string_view> body, time_point now) {
    if (is_over()) return;
    last_progress_ = now;
    if (m.signal == signal_kind::shutdown_microprocess)
        return end(end_kind::shut_down, std::move(m.reason));
    if (!m.require.empty())
        return violate("unsupported", "the counterpart requires " + m.require.front());
    const bool is_head = m.request || m.response;
    if (!take_head(m)) return;
    if (m.window) {
        window_ = std::max(window_.value_or(0), *m.window);
        change_.room = true;
    }
    if (body && !take_body(m, *body, is_head)) return;
    if (m.signal == signal_kind::producer_finished) take_finish(m, body, is_head);
    settle();
}

bool transaction::take_head(message& m) {
    if (m.request) {
        if (role_ == role::asker || request_) {
            violate("protocol", "a second request object");
            return false;
        }
        request_ = std::move(m.request);
        asked_to_switch_ = asks_to_switch(*request_);
        change_.in = true;
    }
    if (m.response) {
        if (role_ == role::answerer) {
            violate("protocol", "a response to an answerer");
            return false;
        }
        if (!response_) {
            response_ = std::move(m.response);
            if (switches(*response_) && !take_switch()) return false;
        }
        change_.in = true;
    }
    return true;
}

// The request's half begins anew.
bool transaction::take_switch() {
    const auto* to = response_->headers.find("Upgrade");
    const bool is_asked_for =
        asked_to_switch_ && finish_sent_ && to != nullptr && http::iequals(*to, "websocket");
    if (!is_asked_for) {
        response_.reset();
        violate("protocol", "an upgrade that nobody has asked for");
        return false;
    }
    is_tunnel_ = true;
    finish_wanted_ = finish_sent_ = false;
    sent_ = acknowledged_ = 0;
    window_.reset();
    window_due_ = true;
    return true;
}

bool transaction::take_body(const message& m, std::string_view body, bool is_head) {
    const std::uint64_t offset = m.offset.value_or(0);
    const char* why = nullptr;
    if (!m.offset && !is_head) why = "data without an offset";
    if (role_ == role::asker && !response_) why = "data before the response has begun";
    if (offset > received_) why = "a gap in the body";
    const std::uint64_t replayed = why ? 0 : received_ - offset;
    if (!why && replayed >= body.size()) return true;
    if (remote_finished_) why = "data after the end";
    if (why != nullptr) {
        violate("protocol", why);
        return false;
    }
    in_.append(body.substr(static_cast<std::size_t>(replayed)));
    received_ += body.size() - replayed;
    change_.in = true;
    if (received_ <= allowed() + 2 * first_credit) return true;
    violate("overrun", "more body bytes than the window allowed");
    return false;
}

void transaction::take_finish(const message& m, std::optional<std::string_view> body, bool is_head) {
    const std::uint64_t size = body ? body->size() : 0;
    const bool says_where = m.offset.has_value() || (body && is_head);
    if (role_ == role::asker && !response_)
        return violate("protocol", "finished before the response has begun");
    if (says_where && m.offset.value_or(0) + size != received_)
        return violate("protocol", "bytes are missing at the end of the body");
    remote_finished_ = true;
    change_.in = true;
}

void transaction::violate(std::string_view reason, std::string why) {
    shutdown_due_ = true;
    shutdown_reason_ = reason;
    end(end_kind::broken, std::move(why));
}

void transaction::bounce(std::string condition) {
    if (is_over()) return;
    shutdown_due_ = role_ == role::answerer || accepted_;
    shutdown_reason_ = "given-up";
    end(end_kind::bounced, std::move(condition));
}

void transaction::give_up_too_large() {
    shutdown_due_ = role_ == role::answerer;
    shutdown_reason_ = "too-large";
    end(end_kind::too_large, "the head fits no stanza");
}

// A finished response ends the transaction, whatever remains of the request. After an upgrade, both
// halves have to finish.
void transaction::settle() {
    bool done = role_ == role::asker ? remote_finished_ : finish_sent_;
    if (is_tunnel_) done = remote_finished_ && finish_sent_;
    if (done && !is_over()) end(end_kind::completed, {});
}

}  // namespace crosstalk::talk
