// How long to wait before the next attempt: doubled each time up to a limit, half of it random, so that
// those who were cut off together do not come back together.
#pragma once

#include <algorithm>
#include <functional>

#include "base/clock.hpp"

namespace crosstalk::net {

class backoff {
  public:
    backoff(base::milliseconds first, base::milliseconds most)
        : first_(std::max(first, base::milliseconds(1))),
          most_(std::max(most, first_)),
          next_(first_) {}

    void reset() noexcept { next_ = first_; }

    /// `below(n)` is a random number under n.
    [[nodiscard]] base::milliseconds next(const std::function<unsigned(unsigned)>& below) {
        const auto whole = next_;
        next_ = std::min(next_ * 2, most_);
        const auto random_part = static_cast<unsigned>((whole / 2).count());
        return whole - base::milliseconds(below(random_part + 1));
    }

  private:
    base::milliseconds first_, most_, next_;
};

}  // namespace crosstalk::net
