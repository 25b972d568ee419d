// What the operator does about sites and people from a chat client.
#include <algorithm>
#include <array>

#include "gateway/command_desk.hpp"
#include "xmpp/jid_escape.hpp"

namespace crosstalk::gateway {

using net::awaitable;
using xmpp::command_error;
using xmpp::command_fault;
using xmpp::condition;
using xmpp::data_form;
using xmpp::stanza_error;

namespace {

constexpr std::size_t most_rows = 100;

command_error no_such_site(const std::string& name) {
    return stanza_error(condition::item_not_found, "There is no site " + name + '.');
}

data_form name_form(std::string title, std::string instructions) {
    return form_of(std::move(title), std::move(instructions), {required(text_field("name", "Name"))});
}

std::string state_of(const command_scene& scene, const site& s) {
    if (s.suspended) return "suspended";
    if (scene.names.rules().is_banned(s.owner)) return "owner banned";
    return s.fixed ? "fixed" : "registered";
}

/// A note where a table has not all that there is.
void tell_of_more(xmpp::command_reply& reply, std::size_t found, std::string_view noun) {
    if (found <= most_rows) return;
    reply.notes.push_back({xmpp::command_note::kind::info,
                           count_of(found - most_rows, noun) + " more: narrow down what you ask for."});
}

// Looking

command_outcome begin_list(const command_scene&, const std::string&) {
    return form_of("List sites", "Leave it empty to see all. A part of a name, or of an owner's JID, shows those that have it.",
                   {text_field("filter", "Part of the name or owner")});
}

std::vector<const site*> find_sites(const command_scene& scene, const std::string& filter) {
    std::vector<const site*> found;
    scene.names.sites().for_each([&](const site& s) {
        const bool is_meant = s.name.find(filter) != std::string::npos || s.owner.find(filter) != std::string::npos;
        if (is_meant) found.push_back(&s);
    });
    std::ranges::sort(found, {}, [](const site* s) -> const std::string& { return s->name; });
    return found;
}

command_outcome list_sites(const command_scene& scene, const std::string& filter) {
    const auto found = find_sites(scene, filter);
    std::vector<std::vector<std::string>> rows;
    for (const auto* s : found) {
        if (rows.size() == most_rows) break;
        rows.push_back({s->name, s->owner, std::string(to_text(s->seen_by)), state_of(scene, *s)});
    }
    auto reply = done(count_of(found.size(), "site") + '.');
    tell_of_more(reply, found.size(), "site");
    if (rows.empty()) return reply;
    reply.form = table_of("Sites", {{"name", "Name"}, {"owner", "Owner"}, {"visibility", "Seen by"}, {"state", "State"}}, rows);
    return reply;
}

awaitable<command_outcome> run_list(const command_scene& scene, command_call call) {
    co_return list_sites(scene, name_of(call.form, "filter"));
}

command_outcome begin_show(const command_scene&, const std::string&) {
    return name_form("Show a site", "Name the site.");
}

xmpp::form_field lines_fact(std::string var, std::string label, std::vector<std::string> values) {
    if (values.size() > most_rows) values.resize(most_rows);
    return {std::move(var), "text-multi", std::move(values), std::move(label)};
}

command_outcome show_site(const command_scene& scene, const std::string& name) {
    const auto* s = scene.names.sites().find(name);
    if (s == nullptr) return no_such_site(name);
    const auto flow = scene.flows.of(name);
    xmpp::command_reply reply;
    reply.form = facts_of(name, {fact("name", "Name", name),
                                 fact("owner", "Owner", s->owner),
                                 fact("url", "Address", site_url(scene.settings.routes, name)),
                                 fact("visibility", "Seen by", std::string(to_text(s->seen_by))),
                                 fact("state", "State", state_of(scene, *s)),
                                 fact("created", "Registered (seconds since 1970)", std::to_string(s->created)),
                                 fact("guest_count", "Guests", std::to_string(s->guests.size())),
                                 lines_fact("guests", "The first of them", s->guests),
                                 lines_fact("hosts", "Hosts of its own", s->hosts),
                                 fact("requests", "Requests since the start", std::to_string(flow.requests)),
                                 fact("open", "Open requests", std::to_string(flow.open))});
    return reply;
}

awaitable<command_outcome> run_show(const command_scene& scene, command_call call) {
    co_return show_site(scene, name_of(call.form));
}

// Changing sites

command_outcome begin_suspend(const command_scene&, const std::string&) {
    return name_form("Suspend a site", "It stays its owner's, and nobody sees it until you resume it.");
}

command_outcome begin_resume(const command_scene&, const std::string&) {
    return name_form("Resume a site", "It is seen again by whom its owner lets see it.");
}

command_outcome begin_take(const command_scene&, const std::string&) {
    return name_form("Remove a site", "Others may take its name.");
}

command_outcome begin_give(const command_scene&, const std::string&) {
    return form_of("Give a site", "Any name will do, also a reserved one.",
                   {required(text_field("name", "Name")),
                    required({"owner", "jid-single", {}, "Owner"})});
}

/// What the desk says when it is done, or why it is not.
command_outcome ended(const registrar::refusal& why_not, std::string text) {
    if (why_not) return command_error(*why_not);
    return done(std::move(text));
}

awaitable<command_outcome> run_suspend(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    site_change wanted;
    wanted.suspended = true;
    const auto why_not = co_await scene.names.change(std::string(), name, std::move(wanted));
    co_return ended(why_not, name + " is suspended.");
}

awaitable<command_outcome> run_resume(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    site_change wanted;
    wanted.suspended = false;
    const auto why_not = co_await scene.names.change(std::string(), name, std::move(wanted));
    co_return ended(why_not, name + " is suspended no more.");
}

awaitable<command_outcome> run_take(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    const auto why_not = co_await scene.names.take(name);
    co_return ended(why_not, name + " is removed.");
}

awaitable<command_outcome> run_give(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    const auto typed = text_of(call.form, "owner");
    const auto owner = parse_owner(typed);
    if (!owner) co_return no_owner(typed);
    const auto why_not = co_await scene.names.give(*owner, name);
    co_return ended(why_not, name + " is given to " + xmpp::for_display(*owner) + '.');
}

// People

data_form who_form(std::string title, std::string instructions) {
    return form_of(std::move(title), std::move(instructions), {required(text_field("who", "JID or domain"))});
}

command_outcome begin_ban(const command_scene&, const std::string&) {
    return who_form("Ban somebody", "They register no names, visit nothing that asks who they are, and their sites are not shown.");
}

command_outcome begin_unban(const command_scene&, const std::string&) {
    return who_form("Ban somebody no more", "Name whom you have banned, in the same words.");
}

awaitable<command_outcome> run_ban(const command_scene& scene, command_call call) {
    const auto typed = text_of(call.form, "who");
    const auto who = parse_subject(typed);
    if (!who) co_return no_subject(typed);
    const auto why_not = co_await scene.names.rule(*who, policy_key::banned, 1);
    co_return ended(why_not, xmpp::for_display(*who) + " is banned.");
}

awaitable<command_outcome> run_unban(const command_scene& scene, command_call call) {
    const auto typed = text_of(call.form, "who");
    const auto who = parse_subject(typed);
    if (!who) co_return no_subject(typed);
    const auto why_not = co_await scene.names.rule(*who, policy_key::banned, std::nullopt);
    auto text = xmpp::for_display(*who) + " is banned no more.";
    if (scene.names.rules().is_banned(*who)) text = xmpp::for_display(*who) + " is still banned, by what is said of the domain or of everybody.";
    co_return ended(why_not, std::move(text));
}

// Rules

command_outcome begin_rules(const command_scene&, const std::string&) {
    std::vector<xmpp::form_option> keys{{"", "Only show"}};
    for (const auto key : policy_keys)
        keys.push_back({std::string(to_text(key)), std::string(to_text(key))});
    return form_of("Rules for people and domains",
                   "For a JID, a domain, or * for everybody. What is said of a JID outranks what is said of its domain, and that what is "
                   "said of everybody. Those that begin with domain_ are limits that all JIDs of a domain share. A rule without a value is "
                   "taken back. Leave all empty to see all rules.",
                   {text_field("who", "JID, domain or *"), list_field("rule", "Rule", std::move(keys)),
                    text_field("value", "Value, a whole number")});
}

xmpp::command_reply show_rules(const command_scene& scene, const std::string& who) {
    auto rules = scene.names.rules().list();
    std::erase_if(rules, [&who](const policy& p) { return !who.empty() && p.subject != who; });
    std::vector<std::vector<std::string>> rows;
    for (const auto& p : rules) {
        if (rows.size() == most_rows) break;
        rows.push_back({p.subject, std::string(to_text(p.key)), std::to_string(p.value), p.fixed ? "the configuration" : "command"});
    }
    auto reply = done(count_of(rules.size(), "rule") + (who.empty() ? "." : " for " + xmpp::for_display(who) + '.'));
    tell_of_more(reply, rules.size(), "rule");
    if (!rows.empty()) reply.form = table_of("Rules", {{"who", "For"}, {"rule", "Rule"}, {"value", "Value"}, {"by", "Set by"}}, rows);
    return reply;
}

struct wanted_rule {
    std::string who;
    std::optional<policy_key> key;  ///< nothing: only to be shown
    std::optional<std::int64_t> value;
};

/// The value of a rule as it was typed; "" is none.
std::variant<std::optional<std::int64_t>, command_error> read_value(policy_key key, const std::string& typed) {
    if (typed.empty() || typed == "none") return std::optional<std::int64_t>();
    if (const auto number = parse_policy_value(key, typed)) return number;
    const std::string form = is_switch(key) ? " is 1 for yes or 0 for no." : " is a whole number, 0 or more.";
    return command_error(command_fault::bad_payload, std::string(to_text(key)) + form);
}

std::variant<wanted_rule, command_error> read_rule(const data_form& form) {
    wanted_rule wanted{text_of(form, "who"), {}, {}};
    if (!wanted.who.empty() && wanted.who != "*") {
        const auto prepared = parse_subject(wanted.who);
        if (!prepared) return no_subject(wanted.who);
        wanted.who = *prepared;
    }
    const auto key = text_of(form, "rule");
    if (key.empty()) return wanted;
    wanted.key = parse_policy_key(key);
    if (!wanted.key) return command_error(command_fault::bad_payload, "There is no such rule: choose one of the list.");
    if (wanted.who.empty()) return command_error(command_fault::bad_payload, "Say for whom the rule is: a JID, a domain, or * for everybody.");
    if (!may_be_said_of(*wanted.key, wanted.who))
        return command_error(command_fault::bad_payload, key + " is a limit that all of a domain share: name the domain, or * for every domain.");
    auto value = read_value(*wanted.key, text_of(form, "value"));
    if (auto* wrong = std::get_if<command_error>(&value)) return std::move(*wrong);
    wanted.value = std::get<std::optional<std::int64_t>>(value);
    return wanted;
}

awaitable<command_outcome> run_rules(const command_scene& scene, command_call call) {
    auto read = read_rule(call.form);
    if (auto* wrong = std::get_if<command_error>(&read)) co_return std::move(*wrong);
    const auto& wanted = std::get<wanted_rule>(read);
    if (wanted.key) {
        const auto why_not = co_await scene.names.rule(wanted.who, *wanted.key, wanted.value);
        if (why_not) co_return command_error(*why_not);
    }
    co_return show_rules(scene, wanted.who);
}

constexpr auto admin = command_row::right::operator_;
constexpr std::array<command_row, 9> commands{{
    {"urn:crosstalk:1#list-sites", "List all sites", admin, false, begin_list, run_list},
    {"urn:crosstalk:1#show-site", "Show a site", admin, false, begin_show, run_show},
    {"urn:crosstalk:1#suspend", "Suspend a site", admin, true, begin_suspend, run_suspend},
    {"urn:crosstalk:1#resume", "Resume a site", admin, true, begin_resume, run_resume},
    {"urn:crosstalk:1#remove-site", "Remove a site", admin, true, begin_take, run_take},
    {"urn:crosstalk:1#give-site", "Give a site to somebody", admin, true, begin_give, run_give},
    {"urn:crosstalk:1#ban", "Ban somebody", admin, true, begin_ban, run_ban},
    {"urn:crosstalk:1#unban", "Ban somebody no more", admin, true, begin_unban, run_unban},
    {"urn:crosstalk:1#rules", "Show and set rules for people and domains", admin, true, begin_rules, run_rules},
}};

}  // namespace

std::span<const command_row> site_commands() noexcept { return commands; }

}  // namespace crosstalk::gateway
