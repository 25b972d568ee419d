// See rules_configuration.hpp.
#include "cmd/rules_configuration.hpp"

#include <limits>

#include "base/units.hpp"
#include "cmd/addresses.hpp"

namespace crosstalk::cmd {

using gateway::policy, gateway::policy_key, gateway::settings;

namespace {

constexpr std::string_view table = "rules";

std::string known_rules() {
    std::string words;
    for (auto const key : gateway::policy_keys) words += (words.empty() ? "" : ", ") + std::string(to_text(key));
    return words;
}

bool is_size(policy_key key) { return key == policy_key::bandwidth || key == policy_key::domain_bandwidth; }

std::optional<std::int64_t> read_bytes(toml_file& file, std::string const& at) {
    auto const text = file.text(at);
    if (!text) return std::nullopt;
    auto const size = base::parse_size(*text);
    if (size && *size <= std::uint64_t{std::numeric_limits<std::int64_t>::max()}) return static_cast<std::int64_t>(*size);
    file.refuse(at, R"(bytes a second, like "1MB" or "256KiB")");
    return std::nullopt;
}

std::optional<std::int64_t> read_value(toml_file& file, std::string const& at, policy_key key) {
    if (is_size(key)) return read_bytes(file, at);
    if (gateway::is_switch(key)) {
        auto const said = file.boolean(at);
        return said ? std::optional<std::int64_t>(*said ? 1 : 0) : std::nullopt;
    }
    auto const number = file.integer(at);
    if (number && *number < 0) file.refuse(at, "a whole number, 0 or more");
    return number;
}

void read_rule(toml_file& file, std::string const& subject, std::string const& word, std::string const& at, settings& s) {
    auto const key = gateway::parse_policy_key(word);
    if (!key || !may_be_said_of(*key, subject)) {
        file.complain(at, key ? "this is a limit that all JIDs of a domain share: expected a domain, or \"*\""
                              : "there is no such rule; expected one of " + known_rules());
        return file.leave(at);
    }
    if (auto const value = read_value(file, at, *key)) s.sites.rules.push_back({subject, *key, *value, true});
}

}  // namespace

void read_rules(toml_file& file, settings& s) {
    for (std::string const& who : file.keys(table)) {
        auto const of_them = toml_file::key_in(table, who);
        auto const subject = who == "*" ? std::optional(who) : parse_jid_or_domain(who);
        if (!subject) {
            file.complain(of_them, R"(expected a JID like "romeo@montague.example", a domain, or "*" for everybody)");
            file.leave(of_them);
            continue;
        }
        for (std::string const& word : file.keys(of_them))
            read_rule(file, *subject, word, toml_file::key_in(of_them, word), s);
    }
}

}  // namespace crosstalk::cmd
