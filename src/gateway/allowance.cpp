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

}  // namespace

bool allowance::is_too_fast(const client& c, base::time_point now) const {
    return limits_.rate != 0 && c.rested + apart(limits_.rate) > now + in_one_go;
}

allowance::place allowance::take(const std::string& who, base::time_point now) {
    if (clients_.size() >= forget_at_) forget_some(now);
    auto& c = clients_[who];
    if (c.open >= limits_.open || is_too_fast(c, now)) return {};
    if (limits_.rate != 0) c.rested = std::max(c.rested, now) + apart(limits_.rate);
    ++c.open;
    return {this, who};
}

std::size_t allowance::open(const std::string& who) const {
    const auto at = clients_.find(who);
    return at == clients_.end() ? 0 : at->second.open;
}

void allowance::leave(const std::string& who) {
    const auto at = clients_.find(who);
    if (--at->second.open == 0 && limits_.rate == 0) clients_.erase(at);
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
