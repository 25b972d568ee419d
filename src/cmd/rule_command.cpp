// See rule_command.hpp.
#include "cmd/rule_command.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cmd/addresses.hpp"
#include "cmd/commands.hpp"
#include "cmd/site_table.hpp"
#include "gateway/registry.hpp"

namespace crosstalk::cmd {
namespace {

using gateway::policy, gateway::policy_key, gateway::registry, gateway::settings;
using action = site_options::action;

/// What is to be written: nothing in `value` takes the rule back.
struct wanted_rule {
    std::string subject;
    policy_key key{};
    std::optional<std::int64_t> value;
};

int fail(std::string const& problem) {
    std::cerr << "crosstalk: " << problem << '\n';
    return exit_usage;
}

/// "" or why not.
std::string understand(site_options const& options, wanted_rule& to) {
    auto subject = options.who == "*" ? std::optional(options.who) : parse_jid_or_domain(options.who);
    if (!subject) return "\"" + options.who + "\" is neither a JID nor a domain nor *";
    to.subject = *std::move(subject);
    if (options.what != action::rule) {
        if (to.subject == "*") return "everybody cannot be shut out; to admit nobody, set sites.registration = \"closed\"";
        to.key = policy_key::banned;
        if (options.what == action::ban) to.value = 1;
        return {};
    }
    auto const key = gateway::parse_policy_key(options.rule);
    if (!key) return "there is no rule \"" + options.rule + "\"; `crosstalk site --help` lists them";
    if (!gateway::may_be_said_of(*key, to.subject))
        return options.rule + " is a limit that all JIDs of a domain share: expected a domain, or * for every domain, "
               "in place of \"" + options.who + "\"";
    to.key = *key;
    if (options.value == "none") return {};
    to.value = gateway::parse_policy_value(*key, options.value);
    if (!to.value)
        return "\"" + options.value + "\" is no value for it: expected " +
               (gateway::is_switch(*key) ? "1 for yes, 0 for no" : "a whole number") + ", or none";
    return {};
}

int list(gateway::policies const& all, bool json) {
    std::cout << (json ? as_json(all.list()) : as_table(all.list()));
    return EXIT_SUCCESS;
}

}  // namespace

int run_rule(const settings& s, const site_options& options) {
    gateway::policies all;
    all.fix(s.sites.rules);
    if (s.sites.registry.empty() && options.what == action::rules) return list(all, options.json);
    if (s.sites.registry.empty())
        return fail(s.file + " names no registry; set sites.registry there, for one to \"sqlite:/PATH\"");
    wanted_rule wanted;
    if (options.what != action::rules) {
        auto const why = understand(options, wanted);
        if (!why.empty()) return fail(why);
        if (all.is_fixed(wanted.subject, wanted.key))
            return fail(std::string(to_text(wanted.key)) + " of " + wanted.subject + " is fixed by [rules] of " + s.file + "; change it there");
    }
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(registry::title_of(s.sites.registry) + ": " + opened.error().message());
    if (options.what == action::rules) {
        auto kept = opened->rules();
        if (!kept) return fail(registry::title_of(s.sites.registry) + ": " + kept.error().message());
        all.assign(*std::move(kept));
        return list(all, options.json);
    }
    auto const done = opened->rule(wanted.subject, wanted.key, wanted.value);
    if (!done) return fail(registry::title_of(s.sites.registry) + ": " + done.error().message());
    return EXIT_SUCCESS;
}

}  // namespace crosstalk::cmd
