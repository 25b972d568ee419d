// Coroutines that belong together: started by a parent, cancelled and joined by it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/clock.hpp"
#include "net/asio.hpp"

namespace crosstalk::net {

class task_group {
  public:
    explicit task_group(executor ex);
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    /// Every child must have ended: join() first.
    ~task_group();

    /// Starts a child; called on the event loop's thread it runs at once up to its first wait.
    /// An exception that leaves it is logged and ends that child alone.
    void spawn(awaitable<void> child);
    /// Cancels every child (terminal cancellation) that runs now. To be called on the loop's thread.
    void cancel();
    /// Waits until no child is left. When the waiting coroutine is cancelled the children are too, and
    /// it still waits for them. A coroutine that has been cancelled already cannot co_await anything,
    /// this neither: it says `co_await asio::this_coro::throw_if_cancelled(false);` first.
    [[nodiscard]] awaitable<void> join();
    [[nodiscard]] std::size_t size() const noexcept;

  private:
    struct state;
    std::shared_ptr<state> state_;  ///< shared with the children's completion handlers
};

/// Something to wait for that others ring: wakes every waiter of the moment, keeps nothing.
class bell {
  public:
    explicit bell(executor ex);
    void ring();
    /// Waits for the next ring, at most until `deadline`; whether it rang. Rung and passed at once
    /// counts as rung; a cancelled wait as not. Who waits is resumed by the event loop, never from
    /// within ring().
    [[nodiscard]] awaitable<bool> wait(base::time_point deadline);

  private:
    struct waiter;
    executor ex_;
    std::shared_ptr<std::vector<waiter*>>
        waiters_;  ///< shared with the waits, which may outlive the bell
};

}  // namespace crosstalk::net
