// See policies.hpp.
#include "gateway/policies.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::array<std::string_view, policy_keys.size()> names{
    "banned",      "registers",       "visits",
    "names",       "transactions",    "rate",
    "bandwidth",   "domain_names",    "domain_transactions",
    "domain_rate", "domain_bandwidth"};

}  // namespace

std::string_view to_text(policy_key key) noexcept { return names.at(static_cast<std::size_t>(key)); }

std::optional<policy_key> parse_policy_key(std::string_view text) noexcept {
    const auto at = std::ranges::find(names, text);
    if (at == names.end()) return std::nullopt;
    return static_cast<policy_key>(at - names.begin());
}

bool is_switch(policy_key key) noexcept {
    return key == policy_key::banned || key == policy_key::registers || key == policy_key::visits;
}

bool may_be_said_of(policy_key key, std::string_view subject) noexcept {
    const bool is_of_domain = key >= policy_key::domain_names;
    return !is_of_domain || xmpp::domain_of(subject) == subject;
}

std::optional<std::int64_t> parse_policy_value(policy_key key, std::string_view text) noexcept {
    std::int64_t number = 0;
    const auto* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    const bool is_number = read.ec == std::errc() && read.ptr == end && number >= 0;
    if (!is_number || (number > 1 && is_switch(key))) return std::nullopt;
    return number;
}

void policies::assign(std::vector<policy> all) {
    kept_ = std::move(all);
    merge();
}

void policies::fix(std::vector<policy> all) {
    fixed_ = std::move(all);
    merge();
}

void policies::merge() {
    rules_.clear();
    for (const auto& p : kept_) rules_[p.subject][p.key] = {p.value, false};
    for (const auto& p : fixed_) rules_[p.subject][p.key] = {p.value, true};
}

std::optional<policies::said> policies::of_subject(std::string_view subject, policy_key key) const {
    const auto of = rules_.find(subject);
    if (of == rules_.end()) return std::nullopt;
    const auto at = of->second.find(key);
    if (at == of->second.end()) return std::nullopt;
    return at->second;
}

std::optional<std::int64_t> policies::find(std::string_view bare, policy_key key) const {
    if (rules_.empty()) return std::nullopt;
    for (const auto subject : {bare, xmpp::domain_of(bare), std::string_view("*")})
        if (const auto found = of_subject(subject, key)) return found->value;
    return std::nullopt;
}

bool policies::is_fixed(std::string_view subject, policy_key key) const {
    const auto found = of_subject(subject, key);
    return found && found->fixed;
}

std::vector<policy> policies::list() const {
    std::vector<policy> all;
    for (const auto& [subject, rules] : rules_)
        for (const auto& [key, what] : rules) all.push_back({subject, key, what.value, what.fixed});
    return all;
}

}  // namespace crosstalk::gateway
