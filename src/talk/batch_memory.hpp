// Batches that one counterpart has used: the last 4,096, for 10 minutes at most.
#pragma once

#include <deque>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/clock.hpp"

namespace crosstalk::talk {

/// Batches that were used, for a while: no request runs twice.
class batch_memory {
  public:
    [[nodiscard]] bool knows(const std::string& batch) const { return known_.contains(batch); }
    void remember(const std::string& batch, base::time_point now);
    void forget_old(base::time_point now);
    [[nodiscard]] bool empty() const noexcept { return order_.empty(); }

  private:
    std::deque<std::pair<base::time_point, std::string>> order_;
    std::unordered_set<std::string> known_;
};

}  // namespace crosstalk::talk
