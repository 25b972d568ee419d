// How much the sites of one owner, and those of all owners of one domain together, may take, where the operator
// has said something about it.
//
// Rule 1: no clock: `now` is an argument; whoever moves bytes waits until the time that it is given.
// Rule 2: whom nothing is said of costs nothing and is not remembered.
// Rule 3: an owner has what both the own limits and the domain's leave; what one refuses costs nothing of the other.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "gateway/allowance.hpp"
#include "gateway/policies.hpp"

namespace crosstalk::gateway {

class owner_limits {
  public:
    /// What one request holds while it is open: of the owner, and of the domain.
    using places = std::array<allowance::place, 2>;

    /// `rules` must outlive this.
    explicit owner_limits(const policies& rules) : rules_(rules), requests_(allowance_limits{}) {}

    /// Places for one request to a site of `owner`, a bare JID, to be held while it is open; nothing when that
    /// would be too many at once, or in a second.
    [[nodiscard]] std::optional<places> take(const std::string& owner, base::time_point now);
    [[nodiscard]] bool has_bandwidth(const std::string& owner) const;
    /// When the next byte of the owner's sites may move after `bytes`, in either direction.
    [[nodiscard]] base::time_point move(const std::string& owner, std::size_t bytes, base::time_point now);
    [[nodiscard]] std::size_t remembered() const noexcept { return free_at_.size(); }

  private:
    [[nodiscard]] base::time_point move_one(const std::string& who, std::int64_t rate, std::size_t bytes,
                                            base::time_point now);

    const policies& rules_;
    allowance requests_;                                         ///< by JID and by domain
    std::unordered_map<std::string, base::time_point> free_at_;  ///< likewise
    static constexpr std::size_t remembered_least = 4096;
    std::size_t forget_at_ = remembered_least;
};

}  // namespace crosstalk::gateway
