// See call.hpp.
#include "net/call.hpp"

#include <utility>

#include "net/sticky_bell.hpp"

namespace crosstalk::net {

struct call::waiters {
    explicit waiters(const executor& ex) : in(ex), room(ex) {}
    sticky_bell in;
    sticky_bell room;
    std::function<void()> changed;
};

call::call() = default;

call::call(std::shared_ptr<carriage> by, talk::transaction* t)
    : carriage_(std::move(by)),
      transaction_(t),
      waiters_(std::make_unique<waiters>(carriage_->get_executor())) {
    carriage_->attach(*t, waiters_.get());
}

call::call(call&& other) noexcept
    : carriage_(std::move(other.carriage_)),
      transaction_(std::exchange(other.transaction_, nullptr)),
      waiters_(std::move(other.waiters_)) {}

call& call::operator=(call&& other) noexcept {
    std::swap(carriage_, other.carriage_);
    std::swap(transaction_, other.transaction_);
    std::swap(waiters_, other.waiters_);
    return *this;
}

call::~call() {
    if (transaction_ != nullptr) carriage_->release(*transaction_);
}

awaitable<bool> call::wait_in(base::time_point deadline) { return waiters_->in.wait(deadline); }
awaitable<bool> call::wait_room(base::time_point deadline) { return waiters_->room.wait(deadline); }

void call::watch(std::function<void()> changed) { waiters_->changed = std::move(changed); }

std::string call::take(std::size_t max) {
    std::string bytes = transaction_->take(max);
    carriage_->touch(*transaction_);
    return bytes;
}

void call::respond(talk::response_start start) {
    transaction_->respond(std::move(start));
    carriage_->touch(*transaction_);
}

void call::write(std::string_view bytes) {
    transaction_->write(bytes);
    carriage_->touch(*transaction_);
}

void call::finish() {
    transaction_->finish();
    carriage_->touch(*transaction_);
}

void call::shut_down(std::string_view reason) {
    transaction_->shut_down(reason);
    carriage_->touch(*transaction_);
}

void call::wake() {
    waiters_->in.ring();
    waiters_->room.ring();
}

void call::tell(void* waiting, talk::transaction::change change) {
    auto* const w = static_cast<waiters*>(waiting);
    if (w == nullptr) return;
    if (change.in) w->in.ring();
    if (change.room) w->room.ring();
    if (change.in && w->changed) w->changed();
}

}  // namespace crosstalk::net
