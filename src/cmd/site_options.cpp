// The grammar of `crosstalk site`.
#include "cmd/option_grammar.hpp"

namespace crosstalk::cmd {
namespace {

using action = site_options::action;

constexpr auto site_footer = R"(Examples:
  crosstalk site list --config /etc/crosstalk/gateway.toml
  crosstalk site add romeo romeo@montague.example --visibility roster --config /etc/crosstalk/gateway.toml
  crosstalk site admit romeo nurse@capulet.example --config /etc/crosstalk/gateway.toml
  crosstalk site suspend romeo --config /etc/crosstalk/gateway.toml
  crosstalk site rule montague.example names 50 --config /etc/crosstalk/gateway.toml

It works on the registry that the configuration names, also while the gateway runs; --config may stand in
CROSSTALK_CONFIG. Sites of [sites.static] are shown as fixed and are changed in the configuration alone.

WHO is a JID, a domain with everybody there, or "*" for everybody. What is said of a JID outranks what is said of
its domain, and that what is said of "*". The rules:
  banned        1: may neither register nor visit, and the sites are not shown
  registers     1: may bind names, 0: may not, whatever sites.registration says
  visits        0: may not log in as a visitor
  names         how many names one JID may bind
  transactions  requests open at one JID's sites at the same time
  rate          requests a second to one JID's sites
  bandwidth     bytes a second to and from one JID's sites
These are limits that all JIDs of one domain share, beside what each has. WHO is a domain, or "*" for every domain,
each for itself:
  domain_names         how many names they may bind
  domain_transactions  requests open at their sites at the same time
  domain_rate          requests a second to their sites
  domain_bandwidth     bytes a second to and from their sites)";

struct verb {
    const char* name;
    const char* help;
    action what;
};

constexpr verb of_sites[] = {
    {"show", "Show one site", action::show},
    {"add", "Bind a name to a JID", action::add},
    {"remove", "Free a name", action::remove},
    {"suspend", "Show a site to nobody; its name stays its owner's", action::suspend},
    {"resume", "Show it again", action::resume},
    {"visibility", "Say who may see a site", action::visibility},
    {"admit", "Make a JID or a domain a guest of a site", action::admit},
    {"dismiss", "Take a guest away", action::dismiss},
    {"host", "Give a site a host of its own, like www.example.net", action::host},
};

CLI::App* add_verb(CLI::App& site, const verb& one, site_options& to) {
    CLI::App* const added = site.add_subcommand(one.name, one.help);
    add_config(*added, to.config);
    added->callback([&to, what = one.what] { to.what = what; });
    return added;
}

CLI::Option* add_word(CLI::App& app, const char* name, std::string& to, const char* help) {
    return app.add_option(name, to, help)->type_name("")->required();
}

const CLI::IsMember& visibilities() {
    static const CLI::IsMember words({"public", "roster", "listed"});
    return words;
}

void add_words(CLI::App& of, action what, site_options& to) {
    add_word(of, "NAME", to.name, "The site's name");
    constexpr auto seen = "public: everybody, roster: the owner's contacts, listed: guests alone";
    if (what == action::show) of.add_flag("--json", to.json, "One JSON object");
    if (what == action::add) {
        add_word(of, "JID", to.who, "Whose site it is: user@domain");
        of.add_option("--visibility", to.visibility, seen)->type_name("WHO")->check(visibilities());
    }
    if (what == action::visibility) add_word(of, "VISIBILITY", to.visibility, seen)->check(visibilities());
    if (what == action::host) add_word(of, "HOST", to.host, "A name whose DNS leads to this gateway");
    if (what == action::admit || what == action::dismiss) add_word(of, "WHO", to.who, "A JID or a domain");
}

void add_unhost(CLI::App& site, site_options& to) {
    CLI::App* const unhost = add_verb(site, {"unhost", "Take a host of its own from a site", action::unhost}, to);
    add_word(*unhost, "HOST", to.host, "The host");
}

void add_rules(CLI::App& site, site_options& to) {
    CLI::App* const rules = add_verb(site, {"rules", "List what is said of JIDs and domains", action::rules}, to);
    rules->add_flag("--json", to.json, "One JSON object per line");
    CLI::App* const rule = add_verb(site, {"rule", "Say what a JID or a domain may: see below", action::rule}, to);
    add_word(*rule, "WHO", to.who, "A JID, a domain, or * for everybody");
    add_word(*rule, "RULE", to.rule, "Which rule");
    add_word(*rule, "VALUE", to.value, "A whole number; none: what the rest says holds again");
    CLI::App* const ban = add_verb(site, {"ban", "Shut a JID or a domain out", action::ban}, to);
    add_word(*ban, "WHO", to.who, "A JID or a domain");
    CLI::App* const unban = add_verb(site, {"unban", "Let it in again", action::unban}, to);
    add_word(*unban, "WHO", to.who, "A JID or a domain");
}

}  // namespace

void add_config(CLI::App& app, std::string& to) {
    app.add_option("--config", to, "The gateway's configuration file")
        ->type_name("FILE")
        ->envname("CROSSTALK_CONFIG")
        ->required();
}

CLI::App* add_site(CLI::App& app, site_options& to) {
    CLI::App* const site = app.add_subcommand("site", "See and change which site belongs to whom, and who may do what");
    CLI::App* const list = add_verb(*site, {"list", "List all sites", action::list}, to);
    list->add_flag("--json", to.json, "One JSON object per line");
    for (const verb& one : of_sites) add_words(*add_verb(*site, one, to), one.what, to);
    add_unhost(*site, to);
    add_rules(*site, to);
    site->require_subcommand(1);
    site->footer(site_footer);
    return site;
}

}  // namespace crosstalk::cmd
