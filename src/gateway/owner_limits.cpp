// See owner_limits.hpp.
#include "gateway/owner_limits.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

namespace {

/// What a site that has been idle may send at once, so that small pages do not wait.
constexpr std::chrono::milliseconds in_one_go{250};
/// Below this one piece would take for ever.
constexpr std::int64_t slowest = 1024;

/// Who shares a limit, and the rules that set it.
struct sharer {
    std::string_view who;
    policy_key transactions, rate, bandwidth;
};

/// The owner alone, and everybody of the domain.
std::array<sharer, 2> sharers_of(std::string_view owner) {
    using enum policy_key;
    return {{{owner, transactions, rate, bandwidth},
             {xmpp::domain_of(owner), domain_transactions, domain_rate, domain_bandwidth}}};
}

std::optional<allowance_limits> limits_of(const policies& rules, const sharer& s) {
    const auto open = rules.find(s.who, s.transactions);
    const auto rate = rules.find(s.who, s.rate);
    if (!open && !rate) return std::nullopt;
    if (rate == 0) return allowance_limits{0, 0};  // to the allowance a rate of 0 is no limit
    const auto most = open.value_or(std::numeric_limits<std::int64_t>::max());
    return allowance_limits{static_cast<std::size_t>(std::max<std::int64_t>(most, 0)),
                            static_cast<std::size_t>(std::max<std::int64_t>(rate.value_or(0), 0))};
}

}  // namespace

std::optional<owner_limits::places> owner_limits::take(const std::string& owner, base::time_point now) {
    const auto sharers = sharers_of(owner);
    std::array<std::optional<allowance_limits>, 2> limits;
    for (std::size_t i = 0; i < sharers.size(); ++i) {
        limits[i] = limits_of(rules_, sharers[i]);
        if (limits[i] && !requests_.has_room(std::string(sharers[i].who), now, *limits[i])) return std::nullopt;
    }
    places taken;
    for (std::size_t i = 0; i < sharers.size(); ++i)
        if (limits[i]) taken[i] = requests_.take(std::string(sharers[i].who), now, *limits[i]);
    return taken;
}

bool owner_limits::has_bandwidth(const std::string& owner) const {
    return std::ranges::any_of(sharers_of(owner),
                               [this](const sharer& s) { return rules_.find(s.who, s.bandwidth).has_value(); });
}

base::time_point owner_limits::move(const std::string& owner, std::size_t bytes, base::time_point now) {
    auto free_at = now;
    for (const auto& s : sharers_of(owner))
        if (const auto rate = rules_.find(s.who, s.bandwidth))
            free_at = std::max(free_at, move_one(std::string(s.who), *rate, bytes, now));
    return free_at;
}

base::time_point owner_limits::move_one(const std::string& who, std::int64_t rate, std::size_t bytes,
                                        base::time_point now) {
    if (free_at_.size() >= forget_at_) {
        std::erase_if(free_at_, [now](const auto& lane) { return lane.second <= now - in_one_go; });
        forget_at_ = std::max(remembered_least, free_at_.size() * 2);
    }
    auto& free_at = free_at_[who];
    const std::chrono::duration<double> takes(static_cast<double>(bytes) / static_cast<double>(std::max(rate, slowest)));
    free_at = std::max(free_at, now - in_one_go) + std::chrono::duration_cast<base::time_point::duration>(takes);
    return free_at;
}

}  // namespace crosstalk::gateway
