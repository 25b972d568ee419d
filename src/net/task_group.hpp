// Coroutines that belong together: started by a parent, cancelled and joined by it.
#pragma once

#include <cstddef>
#include <memory>

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

    /// Starts a child. An exception that leaves it is logged and ends that child alone.
    void spawn(awaitable<void> child);
    /// Cancels every child (terminal cancellation) that runs now.
    void cancel();
    /// Waits until no child is left.
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
    /// Waits for the next ring, at most until `deadline`; whether it rang.
    [[nodiscard]] awaitable<bool> wait(base::time_point deadline);

  private:
    asio::steady_timer timer_;
};

}  // namespace crosstalk::net
