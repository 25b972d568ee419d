// See logins.hpp.
#include "gateway/logins.hpp"

#include <algorithm>

#include "http/syntax.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::size_t shortest_code = 8, longest_code = 64;

}  // namespace

bool logins::begin(login begun, const std::string& network, base::time_point now) {
    const std::string domain(xmpp::domain_of(begun.jid));
    const bool may = all_.size() < most && waiting_for(begun.jid, begun.code, now) == nullptr &&
                     of_jid_.allows(begun.jid, now) && (network.empty() || of_network_.allows(network, now)) &&
                     of_domain_.allows(domain, now);
    if (!may) return false;
    of_jid_.count(begun.jid, now);
    if (!network.empty()) of_network_.count(network, now);
    of_domain_.count(domain, now);
    begun.until = now + patience;
    auto secret = begun.secret;
    const auto [at, is_new] = all_.emplace(std::move(secret), std::move(begun));
    if (is_new) by_jid_.emplace(at->second.jid, &at->second);
    return is_new;
}

const login* logins::find(const std::string& secret, base::time_point now) const {
    const auto at = all_.find(secret);
    return at == all_.end() || at->second.until <= now ? nullptr : &at->second;
}

login* logins::waiting_for(std::string_view bare, std::string_view code, base::time_point now) {
    const auto wanted = typed_code(code);
    const auto [first, last] = by_jid_.equal_range(std::string(bare));
    const auto meant = std::find_if(first, last, [&](const auto& each) {
        const auto& known = *each.second;
        return known.now_is == login::progress::waiting && known.until > now && typed_code(known.code) == wanted;
    });
    return meant == last ? nullptr : meant->second;
}

bool logins::answer(std::string_view bare, std::string_view code, bool is_confirmed, base::time_point now) {
    auto* meant = waiting_for(bare, code, now);
    if (meant == nullptr) return false;
    meant->now_is = is_confirmed ? login::progress::confirmed : login::progress::refused;
    return true;
}

bool logins::refuse(std::string_view bare, base::time_point now) {
    bool was_asked = false;
    const auto [first, last] = by_jid_.equal_range(std::string(bare));
    for (auto at = first; at != last; ++at) {
        auto& each = *at->second;
        if (each.now_is != login::progress::waiting || each.until <= now) continue;
        each.now_is = login::progress::refused;
        was_asked = true;
    }
    return was_asked;
}

void logins::expire(base::time_point now) {
    std::erase_if(by_jid_, [now](const auto& each) { return each.second->until <= now; });
    std::erase_if(all_, [now](const auto& each) { return each.second.until <= now; });
}

std::string typed_code(std::string_view text) {
    std::string code;
    for (const char c : text) {
        if (c == ' ' || c == '-') continue;
        code.push_back(http::to_lower(c));
    }
    return code;
}

bool may_be_code(std::string_view text) noexcept {
    const auto is_letter = [](char c) { return http::to_lower(c) >= 'a' && http::to_lower(c) <= 'z'; };
    const bool is_plain = std::ranges::all_of(text, [&](char c) { return c == '-' || is_letter(c) || http::is_digit(c); });
    const auto hyphens = static_cast<std::size_t>(std::ranges::count(text, '-'));
    return is_plain && text.size() <= longest_code && text.size() - hyphens >= shortest_code &&
           std::ranges::any_of(text, http::is_digit);
}

}  // namespace crosstalk::gateway
