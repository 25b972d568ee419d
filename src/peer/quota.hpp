// How many requests each of many askers may have open at once, and all of them together.
#pragma once

#include <string>
#include <unordered_map>

namespace crosstalk::peer {

class quota {
  public:
    quota(std::size_t most_each, std::size_t most_all) : most_each_(most_each), most_all_(most_all) {}

    /// Counts one more of `who`; false when that would be too many.
    [[nodiscard]] bool enter(const std::string& who) {
        if (all_ >= most_all_) return false;
        auto& count = each_[who];
        if (count >= most_each_) return false;
        ++count;
        ++all_;
        return true;
    }
    /// For each enter() that gave true, once.
    void leave(const std::string& who) {
        const auto at = each_.find(who);
        if (--at->second == 0) each_.erase(at);
        --all_;
    }
    [[nodiscard]] std::size_t size() const noexcept { return all_; }

  private:
    std::size_t most_each_, most_all_;
    std::size_t all_ = 0;
    std::unordered_map<std::string, std::size_t> each_;
};

}  // namespace crosstalk::peer
