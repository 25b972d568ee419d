// See deadline.hpp.
#include "net/deadline.hpp"

#include <boost/asio/error.hpp>

namespace crosstalk::net {

struct deadline::core {
    explicit core(const executor& ex) : timer(ex) {}

    asio::steady_timer timer;
    asio::cancellation_signal signal;
    base::time_point when = base::time_point::max();
    base::time_point armed_for = base::time_point::max();
    bool is_armed = false;
    bool is_pending = false;
    bool has_expired = false;
};

deadline::deadline(const executor& ex) : core_(std::make_shared<core>(ex)) {}

deadline::~deadline() {
    core_->is_pending = false;
    core_->timer.cancel();
}

void deadline::set(base::time_point when) {
    core_->when = when;
    arm(core_);
}

bool deadline::has_passed() const noexcept {
    return core_->when != base::time_point::max() && base::clock::now() >= core_->when;
}

void deadline::arm(const std::shared_ptr<core>& c) {
    if (!c->is_pending || c->when == base::time_point::max()) return;
    if (c->is_armed && c->armed_for <= c->when) return;
    c->timer.expires_at(c->when);
    c->armed_for = c->when;
    c->is_armed = true;
    c->timer.async_wait([c](const error_code& ec) {
        if (!ec) look(c);
    });
}

void deadline::look(const std::shared_ptr<core>& c) {
    c->is_armed = false;
    if (!c->is_pending) return;
    if (base::clock::now() < c->when) {
        arm(c);
        return;
    }
    c->has_expired = true;
    c->signal.emit(asio::cancellation_type::terminal);
}

deadline::watch::watch(deadline& over, const asio::cancellation_state& parent)
    : core_(over.core_), parent_(parent.slot()) {
    core_->is_pending = true;
    core_->has_expired = core_->when != base::time_point::max() && base::clock::now() >= core_->when;
    if (parent_.is_connected())
        parent_.assign([c = core_.get()](asio::cancellation_type type) { c->signal.emit(type); });
    if (!core_->has_expired) arm(core_);
}

deadline::watch::~watch() {
    // What the operation left in the slots points into objects that may go before the next operation.
    if (parent_.is_connected()) parent_.clear();
    core_->signal.slot().clear();
    core_->is_pending = false;
}

bool deadline::watch::has_passed() const noexcept { return core_->has_expired; }

asio::cancellation_slot deadline::watch::slot() const noexcept { return core_->signal.slot(); }

error_code deadline::watch::outcome(const error_code& ec) const noexcept {
    if (ec == asio::error::operation_aborted && core_->has_expired) return asio::error::timed_out;
    return ec;
}

}  // namespace crosstalk::net
