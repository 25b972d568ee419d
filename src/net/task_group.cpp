// See task_group.hpp.
#include "net/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <cassert>
#include <exception>
#include <list>
#include <vector>

#include "base/log.hpp"

namespace crosstalk::net {
namespace {

void report(const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted) return;
        base::log(base::log_level::error, "a task was ended by an exception", {{"what", e.what()}});
    } catch (const std::exception& e) {
        base::log(base::log_level::error, "a task was ended by an exception", {{"what", e.what()}});
    } catch (...) {
        base::log(base::log_level::error, "a task was ended by an exception",
                  {{"what", "of unknown type"}});
    }
}

}  // namespace

struct task_group::state {
    explicit state(executor e) : ex(std::move(e)), emptied(ex) {}

    executor ex;
    bell emptied;
    std::list<std::shared_ptr<asio::cancellation_signal>> children;
};

task_group::task_group(executor ex) : state_(std::make_shared<state>(std::move(ex))) {}

task_group::~task_group() { assert(state_->children.empty() && "join() before a task group goes"); }

void task_group::spawn(awaitable<void> child) {
    auto signal = std::make_shared<asio::cancellation_signal>();
    const auto place = state_->children.insert(state_->children.end(), signal);
    auto ended = [group = state_, place](const std::exception_ptr& thrown) {
        report(thrown);
        group->children.erase(place);
        if (group->children.empty()) group->emptied.ring();
    };
    asio::co_spawn(state_->ex, std::move(child),
                   asio::bind_cancellation_slot(signal->slot(), std::move(ended)));
}

void task_group::cancel() {
    // A child may end, and another may be started, while its signal is emitted.
    const std::vector<std::shared_ptr<asio::cancellation_signal>> now(state_->children.begin(),
                                                                      state_->children.end());
    for (const auto& signal : now) signal->emit(asio::cancellation_type::terminal);
}

awaitable<void> task_group::join() {
    const auto group = state_;
    const bool throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    bool is_passed_on = false;
    while (!group->children.empty()) {
        const auto own = co_await asio::this_coro::cancellation_state;
        if (own.cancelled() != asio::cancellation_type::none && !is_passed_on) {
            is_passed_on = true;
            cancel();
            continue;
        }
        const bool rang = co_await group->emptied.wait(base::time_point::max());
        (void)rang;
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
}

std::size_t task_group::size() const noexcept { return state_->children.size(); }

struct bell::waiter {
    explicit waiter(const executor& ex) : timer(ex) {}

    asio::steady_timer timer;
    bool has_rung = false;
};

bell::bell(executor ex) : ex_(std::move(ex)), waiters_(std::make_shared<std::vector<waiter*>>()) {}

void bell::ring() {
    for (waiter* w : *waiters_) {
        w->has_rung = true;
        w->timer.cancel();
    }
    waiters_->clear();
}

awaitable<bool> bell::wait(base::time_point deadline) {
    const auto waiters = waiters_;
    waiter own(ex_);
    own.timer.expires_at(deadline);
    waiters->push_back(&own);
    const struct leaving {
        std::vector<waiter*>& all;
        waiter* own;
        ~leaving() { std::erase(all, own); }
    } at_exit{*waiters, &own};
    const auto waited = co_await own.timer.async_wait(as_values);
    (void)waited;
    co_return own.has_rung;
}

}  // namespace crosstalk::net
