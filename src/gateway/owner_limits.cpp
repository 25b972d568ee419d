// See owner_limits.hpp.
#include "gateway/owner_limits.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace crosstalk::gateway {

namespace {

/// What a site that has been idle may send at once, so that small pages do not wait.
constexpr std::chrono::milliseconds in_one_go{250};
/// Below this one piece would take for ever.
constexpr std::int64_t slowest = 1024;

std::size_t to_limit(std::optional<std::int64_t> said, std::size_t otherwise) {
    return said ? static_cast<std::size_t>(std::max<std::int64_t>(*said, 0)) : otherwise;
}

}  // namespace

std::optional<allowance::place> owner_limits::take(const std::string& owner, base::time_point now) {
    const auto open = rules_.find(owner, policy_key::transactions);
    const auto rate = rules_.find(owner, policy_key::rate);
    if (!open && !rate) return allowance::place();
    if (rate == 0) return std::nullopt;  // which means no limit to the allowance
    auto place = requests_.take(owner, now, {to_limit(open, std::numeric_limits<std::size_t>::max()), to_limit(rate, 0)});
    if (!place) return std::nullopt;
    return place;
}

bool owner_limits::has_bandwidth(const std::string& owner) const {
    return rules_.find(owner, policy_key::bandwidth).has_value();
}

base::time_point owner_limits::move(const std::string& owner, std::size_t bytes, base::time_point now) {
    const auto rate = rules_.find(owner, policy_key::bandwidth);
    if (!rate) return now;
    if (free_at_.size() >= forget_at_) {
        std::erase_if(free_at_, [now](const auto& lane) { return lane.second <= now - in_one_go; });
        forget_at_ = std::max(remembered_least, free_at_.size() * 2);
    }
    auto& free_at = free_at_[owner];
    const std::chrono::duration<double> takes(static_cast<double>(bytes) /
                                              static_cast<double>(std::max(*rate, slowest)));
    free_at = std::max(free_at, now - in_one_go) + std::chrono::duration_cast<base::time_point::duration>(takes);
    return free_at;
}

}  // namespace crosstalk::gateway
