// See tunnel.hpp.
#include "ask/tunnel.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace crosstalk::ask {

using net::awaitable;

namespace {

constexpr std::size_t piece_most = 32 * 1024;
/// While a half waits for its turn: how often it looks whether there is anything left to wait for.
constexpr base::milliseconds a_look{1'000};

}  // namespace

tunnel::tunnel(net::executor ex, net::http_stream& connection, net::call& opened, tunnel_settings s)
    : ex_(std::move(ex)), connection_(connection), call_(opened), settings_(std::move(s)), ended_(ex_) {}

base::time_point tunnel::silent_until() const {
    return last_byte_ + (is_half_open_ ? settings_.half_open : settings_.silence);
}

void tunnel::end_half() {
    is_half_open_ = true;
    last_byte_ = base::clock::now();
}

awaitable<void> tunnel::run() {
    net::task_group up(ex_);
    up.spawn(carry_up());
    std::exception_ptr thrown;
    try {
        co_await carry_down();
    } catch (...) {
        thrown = std::current_exception();
    }
    is_over_ = true;
    ended_.ring();
    const bool is_whole = call_->end().kind == talk::end_kind::completed;
    call_.shut_down("client-gone");
    call_.wake();
    if (is_whole) {
        co_await connection_.linger();
    } else {
        connection_.close();
    }
    co_await up.join();
    if (thrown) std::rethrow_exception(thrown);
}

awaitable<void> tunnel::keep_pace(std::size_t moved) {
    if (!settings_.pace) co_return;
    const auto free_at = settings_.pace(moved);
    while (base::clock::now() < free_at && !is_over_ && !call_->is_over())
        (void)co_await ended_.wait(std::min(free_at, base::clock::now() + a_look));
}

awaitable<void> tunnel::carry_up() {
    while (!call_->is_over()) {
        const auto room = call_->room();
        if (room == 0) {
            (void)co_await call_.wait_room();
            continue;
        }
        const auto piece = co_await connection_.read_opaque(std::min(room, piece_most));
        if (!piece) {
            call_.shut_down("client-gone");
        } else if (piece->empty()) {
            call_.finish();
            end_half();
        } else {
            last_byte_ = base::clock::now();
            call_.write(*piece);
            co_await keep_pace(piece->size());
            continue;
        }
        call_.wake();
        break;
    }
}

awaitable<void> tunnel::carry_down() {
    for (bool is_finished = false;;) {
        if (call_->readable() > 0) {
            const auto piece = call_.take(piece_most);
            last_byte_ = base::clock::now();
            const auto written = co_await connection_.write_opaque(piece);
            if (!written) co_return;
            co_await keep_pace(piece.size());
            continue;
        }
        if (call_->is_drained() && !std::exchange(is_finished, true)) {
            connection_.finish_opaque();
            end_half();
        }
        if (call_->is_over()) co_return;
        (void)co_await call_.wait_in(silent_until());
        if (call_->readable() == 0 && base::clock::now() >= silent_until()) co_return;
    }
}

}  // namespace crosstalk::ask
