// One thing for one coroutine to wait for: a ring that comes before the wait is not lost.
#pragma once

#include <utility>

#include "base/clock.hpp"
#include "net/asio.hpp"

namespace crosstalk::net {

class sticky_bell {
  public:
    explicit sticky_bell(const executor& ex) : timer_(ex) {}

    void ring() {
        if (!std::exchange(has_rung_, true)) timer_.cancel();
    }
    /// Whether it rang before `deadline`.
    [[nodiscard]] awaitable<bool> wait(base::time_point deadline) {
        if (!has_rung_) {
            timer_.expires_at(deadline);
            co_await timer_.async_wait(as_values);
        }
        co_return std::exchange(has_rung_, false);
    }

  private:
    asio::steady_timer timer_;
    bool has_rung_ = false;
};

}  // namespace crosstalk::net
