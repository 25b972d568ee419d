// See allowance.hpp.
#include "gateway/allowance.hpp"

#include <algorithm>
#include <chrono>

namespace crosstalk::gateway {

namespace {

constexpr std::chrono::seconds in_one_go{10};

base::time_point::duration apart(std::size_t rate) {
    const std::chrono::nanoseconds second = std::chrono::seconds(1);
    return std::chrono::duration_cast<base::time_point::duration>(second / rate);
}

bool is_too_fast(base::time_point rested, std::size_t rate, base::time_point now) {
    return rate != 0 && rested + apart(rate) > now + in_one_go;
}

}  // namespace

allowance::place allowance::take(const std::string& who, base::time_point now, allowance_limits limits) {
    if (!has_room(who, now, limits)) return {};
    if (clients_.size() >= forget_at_) forget_some(now);
    auto& c = clients_[who];
    if (limits.rate != 0) c.rested = std::max(c.rested, now) + apart(limits.rate);
    ++c.open;
    return {this, who};
}

bool allowance::has_room(const std::string& who, base::time_point now, allowance_limits limits) const {
    const auto at = clients_.find(who);
    const auto c = at == clients_.end() ? client() : at->second;
    return c.open < limits.open && !is_too_fast(c.rested, limits.rate, now);
}

std::size_t allowance::open(const std::string& who) const {
    const auto at = clients_.find(who);
    return at == clients_.end() ? 0 : at->second.open;
}

void allowance::leave(const std::string& who) {
    const auto at = clients_.find(who);
    if (--at->second.open == 0 && at->second.rested == base::time_point()) clients_.erase(at);
}

/// Whoever has nothing open: first those who have rested, then, if that is not enough, all.
void allowance::forget_some(base::time_point now) {
    std::erase_if(clients_,
                  [now](const auto& c) { return c.second.open == 0 && c.second.rested <= now; });
    if (clients_.size() * 2 > forget_at_)
        std::erase_if(clients_, [](const auto& c) { return c.second.open == 0; });
    forget_at_ = std::max(remembered_least, clients_.size() * 2);
}

}  // namespace crosstalk::gateway
