// How much the sites of one owner may take, where the operator has said something about it.
//
// Rule 1: no clock: `now` is an argument; whoever moves bytes waits until the time that it is given.
// Rule 2: owners of whom nothing is said cost nothing and are not remembered.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/allowance.hpp"
#include "gateway/policies.hpp"

namespace crosstalk::gateway {

class owner_limits {
  public:
    /// `rules` must outlive this.
    explicit owner_limits(const policies& rules) : rules_(rules), requests_(allowance_limits{}) {}

    /// A place for one request to a site of `owner`, to be held while it is open; nothing when that would be
    /// too many at once, or in a second.
    [[nodiscard]] std::optional<allowance::place> take(const std::string& owner, base::time_point now);
    [[nodiscard]] bool has_bandwidth(const std::string& owner) const;
    /// When the next byte of the owner's sites may move after `bytes`, in either direction.
    [[nodiscard]] base::time_point move(const std::string& owner, std::size_t bytes, base::time_point now);
    [[nodiscard]] std::size_t remembered() const noexcept { return free_at_.size(); }

  private:
    const policies& rules_;
    allowance requests_;
    std::unordered_map<std::string, base::time_point> free_at_;
    static constexpr std::size_t remembered_least = 4096;
    std::size_t forget_at_ = remembered_least;
};

}  // namespace crosstalk::gateway
