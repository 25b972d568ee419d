// One thing for one coroutine to wait for: a ring that comes before the wait is not lost.
#pragma once

#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "net/asio.hpp"

namespace crosstalk::net {

class sticky_bell {
  public:
    /// `ex` must outlive this.
    explicit sticky_bell(const executor& ex) : ex_(ex) {}

    void ring() {
        if (!std::exchange(has_rung_, true) && timer_) timer_->cancel();
    }
    /// Whether it rang before `deadline`.
    [[nodiscard]] awaitable<bool> wait(base::time_point deadline) {
        if (!has_rung_) {
            if (!timer_) timer_.emplace(ex_);
            timer_->expires_at(deadline);
            co_await timer_->async_wait(as_values);
        }
        co_return std::exchange(has_rung_, false);
    }

  private:
    const executor& ex_;
    std::optional<asio::steady_timer> timer_;  ///< once somebody waits: most never do
    bool has_rung_ = false;
};

}  // namespace crosstalk::net
