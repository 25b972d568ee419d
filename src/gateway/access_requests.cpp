// See access_requests.hpp.
#include "gateway/access_requests.hpp"

#include <algorithm>

#include "gateway/logins.hpp"

namespace crosstalk::gateway {

access_requests::outcome access_requests::begin(access_request wanted, base::time_point now) {
    const auto who = wanted.site + '\n' + wanted.visitor;
    if (!of_visitor_.allows(who, now)) return outcome::asked_before;
    const auto of_owner = std::ranges::count(open_, wanted.owner, &access_request::owner);
    if (open_.size() >= most || static_cast<std::size_t>(of_owner) >= most_of_owner) return outcome::too_many;
    of_visitor_.count(who, now);
    wanted.until = now + patience;
    open_.push_back(std::move(wanted));
    return outcome::asked;
}

std::optional<access_request> access_requests::take(std::string_view owner, std::string_view code,
                                                    base::time_point now) {
    const auto wanted = typed_code(code);
    const auto at = std::ranges::find_if(open_, [&](const access_request& each) {
        return each.owner == owner && typed_code(each.code) == wanted && each.until > now;
    });
    if (at == open_.end()) return std::nullopt;
    auto taken = std::move(*at);
    open_.erase(at);
    return taken;
}

void access_requests::expire(base::time_point now) {
    std::erase_if(open_, [now](const access_request& each) { return each.until <= now; });
}

}  // namespace crosstalk::gateway
