// `crosstalk site`: the operator's view of the registry, beside a gateway that may be running.
//
// Rule: what [sites.static] fixes wins, and is not changed here.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>

#include "cmd/addresses.hpp"
#include "cmd/commands.hpp"
#include "cmd/configuration.hpp"
#include "cmd/rule_command.hpp"
#include "cmd/sites_configuration.hpp"
#include "cmd/site_table.hpp"
#include "gateway/registry.hpp"
#include "gateway/routes.hpp"

namespace crosstalk::cmd {
namespace {

using gateway::registry, gateway::settings, gateway::site;

int fail(std::string const& problem) {
    std::cerr << "crosstalk: " << problem << '\n';
    return exit_usage;
}

int fail(settings const& s, error_code error) {
    return fail(registry::title_of(s.sites.registry) + ": " + error.message());
}

shown_site shown(settings const& s, site const& which) {
    auto const base = gateway::parse_base_url(s.http.base_url);
    return {which, base ? gateway::site_url({*base, s.sites.addressing}, which.name) : std::string{}};
}

/// What the registry holds. A registry that nobody has written yet is empty, and stays unwritten: who
/// only looks must not create a file that the gateway then may not write.
result<std::vector<site>> registered(settings const& s) {
    std::error_code ignored;
    auto const& where = s.sites.registry;
    bool const is_file = where.starts_with("sqlite:");
    if (where.empty() || (is_file && !std::filesystem::exists(registry::title_of(where), ignored)))
        return std::vector<site>{};
    auto opened = registry::open(s.sites.registry);
    if (!opened) return opened.error();
    return opened->list();
}

result<std::map<std::string, site>> all_sites(settings const& s) {
    auto const list = registered(s);
    if (!list) return list.error();
    std::map<std::string, site> sites;
    for (site const& f : s.sites.fixed) sites.emplace(f.name, f);
    for (site const& r : *list) sites.emplace(r.name, r);
    return sites;
}

int list(settings const& s, site_options const& options) {
    auto const sites = all_sites(s);
    if (!sites) return fail(s, sites.error());
    std::vector<shown_site> lines;
    for (auto const& [name, one] : *sites) lines.push_back(shown(s, one));
    if (!options.json)
        std::cout << as_table(lines);
    else
        for (shown_site const& line : lines) std::cout << as_json(line);
    return EXIT_SUCCESS;
}

int no_such_site(settings const& s, site_options const& options) {
    return fail("there is no site \"" + options.name + "\"; `crosstalk site list --config " + s.file +
                "` shows all");
}

int show(settings const& s, site_options const& options) {
    auto const sites = all_sites(s);
    if (!sites) return fail(s, sites.error());
    auto const found = sites->find(options.name);
    if (found == sites->end()) return no_such_site(s, options);
    shown_site const line = shown(s, found->second);
    std::cout << (options.json ? as_json(line) : as_lines(line));
    return EXIT_SUCCESS;
}

/// Whether the name may be written: "" or why not.
std::string unchangeable(settings const& s, std::string const& name) {
    auto const fixed = std::ranges::find(s.sites.fixed, name, &site::name);
    if (fixed != s.sites.fixed.end())
        return "\"" + name + "\" is fixed for " + fixed->owner + " by [sites.static] of " + s.file +
               "; change it there";
    if (s.sites.registry.empty())
        return s.file + " names no registry; set sites.registry there, for one to \"sqlite:/PATH\"";
    return {};
}

int taken(settings const& s, registry& sites, std::string const& name) {
    auto const holder = sites.find(name);
    if (!holder || !*holder) return fail(s, gateway::registry_errc::name_taken);
    return fail("\"" + name + "\" is taken by " + (*holder)->owner +
                "; to give it to someone else, run " + "`crosstalk site remove " + name + "` first");
}

int add(settings const& s, site_options const& options) {
    if (!gateway::is_site_name(options.name))
        return fail("\"" + options.name +
                    "\" is no site name: expected 1 to 63 of a-z, 0-9 and -, none at the ends");
    auto const owner = parse_bare_jid(options.who);
    if (!owner)
        return fail("\"" + options.who +
                    "\" is no owner: expected a JID like romeo@montague.example");
    if (auto const why = unchangeable(s, options.name); !why.empty()) return fail(why);
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(s, opened.error());
    site added{options.name, *owner};
    added.seen_by = gateway::parse_visibility(options.visibility).value_or(added.seen_by);
    auto const done = opened->add(added);
    if (!done && done.error() == gateway::registry_errc::name_taken)
        return taken(s, *opened, options.name);
    if (!done) return fail(s, done.error());
    std::cout << shown(s, added).url << '\n';
    return EXIT_SUCCESS;
}

int remove(settings const& s, site_options const& options) {
    if (auto const why = unchangeable(s, options.name); !why.empty()) return fail(why);
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(s, opened.error());
    auto const removed = opened->remove(options.name);
    if (!removed) return fail(s, removed.error());
    return *removed ? EXIT_SUCCESS : no_such_site(s, options);
}

/// What the change makes of the site: "" or why not.
std::string apply(site_options const& options, site& to) {
    using action = site_options::action;
    if (options.what == action::suspend || options.what == action::resume)
        to.suspended = options.what == action::suspend;
    if (options.what == action::visibility) to.seen_by = *gateway::parse_visibility(options.visibility);
    if (options.what != action::admit && options.what != action::dismiss) return {};
    auto guest = parse_jid_or_domain(options.who);
    if (!guest) return "\"" + options.who + "\" is no guest: expected a JID or a domain";
    auto const there = std::ranges::find(to.guests, *guest);
    bool const is_guest = there != to.guests.end();
    if (options.what == action::admit && !is_guest)
        to.guests.insert(std::ranges::upper_bound(to.guests, *guest), *guest);
    if (options.what == action::dismiss && !is_guest) return *guest + " is no guest of \"" + to.name + "\"";
    if (options.what == action::dismiss) to.guests.erase(there);
    return {};
}

int change(settings const& s, site_options const& options) {
    if (auto const why = unchangeable(s, options.name); !why.empty()) return fail(why);
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(s, opened.error());
    auto found = opened->find(options.name);
    if (!found) return fail(s, found.error());
    if (!*found) return no_such_site(s, options);
    site changed = **found;
    if (auto const why = apply(options, changed); !why.empty()) return fail(why);
    auto const done = opened->update(**found, changed);
    if (!done) return fail(s, done.error());
    return *done ? EXIT_SUCCESS : no_such_site(s, options);
}

int give_host(settings const& s, site_options const& options) {
    if (auto const why = unchangeable(s, options.name); !why.empty()) return fail(why);
    auto const host = parse_own_host(s, options.host);
    if (!host) return fail("\"" + options.host + "\" is no host for a site: expected a name like www.example.net, not below the gateway's own");
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(s, opened.error());
    auto const found = opened->find(options.name);
    if (!found) return fail(s, found.error());
    if (!*found) return no_such_site(s, options);
    auto const done = opened->add_host(*host, options.name);
    if (!done && done.error() == gateway::registry_errc::name_taken)
        return fail(*host + " belongs to a site already; `crosstalk site unhost " + *host + "` frees it");
    return done ? EXIT_SUCCESS : fail(s, done.error());
}

int take_host(settings const& s, site_options const& options) {
    if (auto const why = unchangeable(s, {}); !why.empty()) return fail(why);
    auto opened = registry::open(s.sites.registry);
    if (!opened) return fail(s, opened.error());
    auto const done = opened->remove_host(options.host);
    if (!done) return fail(s, done.error());
    return *done ? EXIT_SUCCESS : fail("no site in the registry has the host " + options.host);
}

}  // namespace

int run_site(const site_options& options) {
    findings found;
    auto const settings = read_gateway_configuration(options.config, found);
    if (!settings) {
        print(found);
        return exit_usage;
    }
    using action = site_options::action;
    switch (options.what) {
        case action::list:
            return list(*settings, options);
        case action::show:
            return show(*settings, options);
        case action::add:
            return add(*settings, options);
        case action::remove:
            return remove(*settings, options);
        case action::suspend:
        case action::resume:
        case action::visibility:
        case action::admit:
        case action::dismiss:
            return change(*settings, options);
        case action::host:
            return give_host(*settings, options);
        case action::unhost:
            return take_host(*settings, options);
        case action::rules:
        case action::rule:
        case action::ban:
        case action::unban:
            return run_rule(*settings, options);
    }
    return exit_usage;
}

}  // namespace crosstalk::cmd
