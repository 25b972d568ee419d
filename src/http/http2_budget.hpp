// How many frames a client of HTTP/2 may send that move nothing: each costs a little work here, and some
// an answer.
//
// Rule: frames that carry or follow work earn what they cost; what is left is a rate that no client comes
//       near that means well.
#pragma once

#include <algorithm>

#include "base/clock.hpp"

namespace crosstalk::http {

class http2_budget {
  public:
    static constexpr double most = 1'000;      ///< frames at once
    static constexpr double per_second = 50;  ///< from then on

    explicit http2_budget(base::time_point now) noexcept : at_(now) {}

    /// Whether `frames` more may come.
    [[nodiscard]] bool spend(double frames, base::time_point now) noexcept {
        const std::chrono::duration<double> passed = now - at_;
        at_ = std::max(at_, now);
        earn(std::max(passed.count(), 0.0) * per_second);
        left_ -= frames;
        return left_ >= 0;
    }
    void earn(double frames) noexcept { left_ = std::min(left_ + frames, most); }

  private:
    base::time_point at_;
    double left_ = most;
};

}  // namespace crosstalk::http
