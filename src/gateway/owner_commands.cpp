// What owners of sites do from a chat client: bind names, say who sees them, give them back.
//
// Rule: everybody's own sites alone; the registrar says so once more.
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

/// Guests that a form shows, and their bytes; of more the commands that add and remove some of them are told.
constexpr std::size_t most_shown_guests = 200, most_shown_bytes = 32 * 1024;
/// One's own sites that are shown.
constexpr std::size_t most_shown_sites = 500;

command_error no_sites() {
    return stanza_error(condition::item_not_found, "You have no sites here that can be changed. Register one first.");
}

command_error not_yours(const std::string& name) {
    return stanza_error(condition::item_not_found, "You have no site " + name + " here.");
}

command_error no_visibility() {
    return {command_fault::bad_payload, "Who may see a site is one of \"public\", \"roster\" and \"listed\"."};
}

const site* own_site(const command_scene& scene, const std::string& owner, const std::string& name) {
    const auto* found = scene.names.sites().find(name);
    return found != nullptr && found->owner == owner ? found : nullptr;
}

command_outcome begin_register(const command_scene&, const std::string&) {
    return form_of("Register a site",
                   "Choose a name for your site: letters, digits and hyphens. It becomes part of its address.",
                   {required(text_field("name", "Name")), visibility_field(visibility::everybody)});
}

xmpp::command_reply registered(const command_scene& scene, const std::string& name) {
    const auto url = site_url(scene.settings.routes, name);
    auto reply = done(name + " is yours. Its address is " + url);
    reply.form = facts_of("Registered", {fact("name", "Name", name), fact("url", "Address", url)});
    return reply;
}

awaitable<command_outcome> run_register(const command_scene& scene, command_call call) {
    const auto seen_by = parse_visibility(call.form.value("visibility"));
    if (call.form.has("visibility") && !seen_by) co_return no_visibility();
    const auto name = name_of(call.form);
    const auto why_not = co_await scene.names.claim(call.asker, name, seen_by);
    if (why_not) co_return command_error(*why_not);
    co_return registered(scene, name);
}

command_outcome list_own(const command_scene& scene, const std::string& asker) {
    std::vector<std::vector<std::string>> rows;
    auto own = scene.names.sites().of_owner(asker);
    own.resize(std::min(own.size(), most_shown_sites));
    for (const auto* s : own)
        rows.push_back({s->name, site_url(scene.settings.routes, s->name), std::string(to_text(s->seen_by)),
                        std::to_string(s->guests.size()), s->suspended ? "yes" : "no"});
    if (rows.empty()) return done("You have no sites here.");
    xmpp::command_reply reply;
    reply.form = table_of("Your sites",
                          {{"name", "Name"}, {"url", "Address"}, {"visibility", "Seen by"}, {"guests", "Guests"},
                           {"suspended", "Suspended by the operator"}},
                          rows);
    return reply;
}

/// A form that begins with the choice of a site.
command_outcome choose(const command_scene& scene, const std::string& asker, data_form form) {
    auto sites = own_sites_field(scene, asker);
    if (!sites) return no_sites();
    form.fields.insert(form.fields.begin(), *std::move(sites));
    return form;
}

command_outcome begin_edit(const command_scene& scene, const std::string& asker) {
    return choose(scene, asker, form_of("Change a site", "Choose the site that you want to change.", {}));
}

bool can_show(const std::vector<std::string>& guests) {
    std::size_t bytes = 0;
    for (const auto& guest : guests) bytes += guest.size();
    return guests.size() <= most_shown_guests && bytes <= most_shown_bytes;
}

data_form edit_form(const site& s) {
    auto form = form_of("Change " + s.name,
                        "Guests are JIDs and domains, one on each line. They see the site whoever else does.",
                        {hidden_field("name", s.name), visibility_field(s.seen_by)});
    if (can_show(s.guests))
        form.fields.push_back(jids_field("guests", "Guests", s.guests));
    else
        form.instructions = "This site has " + count_of(s.guests.size(), "guest") +
                            ", too many to be shown here. Let others in and out by the commands for that.";
    return form;
}

awaitable<command_outcome> run_edit(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    if (!call.form.has("visibility")) {
        const auto* found = own_site(scene, call.asker, name);
        if (found == nullptr) co_return not_yours(name);
        co_return edit_form(*found);
    }
    site_change wanted;
    wanted.seen_by = parse_visibility(call.form.value("visibility"));
    if (!wanted.seen_by) co_return no_visibility();
    if (call.form.has("guests")) {
        auto guests = subjects_of(call.form, "guests");
        if (guests.wrong) co_return *guests.wrong;
        wanted.guests = std::move(guests.all);
    }
    const auto why_not = co_await scene.names.change(call.asker, name, std::move(wanted));
    if (why_not) co_return command_error(*why_not);
    co_return done(name + " is changed.");
}

command_outcome begin_remove(const command_scene& scene, const std::string& asker) {
    return choose(scene, asker, form_of("Give a name back", "The site is no more, and others may take its name.", {}));
}

awaitable<command_outcome> run_remove(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form);
    const auto why_not = co_await scene.names.release(call.asker, name);
    if (why_not) co_return command_error(*why_not);
    co_return done(name + " is given back.");
}

data_form guests_form(std::string title) {
    return form_of(std::move(title), "Name JIDs and domains, one on each line. A domain stands for everybody there.",
                   {required(jids_field("who", "Who"))});
}

command_outcome begin_admit(const command_scene& scene, const std::string& asker) {
    return choose(scene, asker, guests_form("Let guests in"));
}

command_outcome begin_dismiss(const command_scene& scene, const std::string& asker) {
    return choose(scene, asker, guests_form("Let guests in no more"));
}

/// What the owner reads, and what to mind.
std::string told_of_guests(const site& s, const subjects& who, bool is_in) {
    const bool is_one = who.all.size() == 1;
    auto text = is_one ? xmpp::for_display(who.all.front()) : count_of(who.all.size(), "guest");
    if (is_in)
        text += " may see " + s.name + '.';
    else
        text += (is_one ? " is no guest of " : " are no guests of ") + s.name + " any more.";
    if (s.seen_by == visibility::everybody) text += " Everybody sees it as it is: change the site to have guests alone.";
    return text;
}

awaitable<command_outcome> change_guests(const command_scene& scene, command_call call, bool is_in) {
    const auto who = subjects_of(call.form, "who");
    if (who.wrong) co_return *who.wrong;
    if (who.all.empty()) co_return command_error(command_fault::bad_payload, "Nobody is named: write a JID or a domain.");
    const auto name = name_of(call.form);
    site_change wanted;
    (is_in ? wanted.invited : wanted.dismissed) = who.all;
    const auto why_not = co_await scene.names.change(call.asker, name, std::move(wanted));
    if (why_not) co_return command_error(*why_not);
    const auto* changed = own_site(scene, call.asker, name);
    if (changed == nullptr) co_return not_yours(name);  // given back meanwhile
    co_return done(told_of_guests(*changed, who, is_in));
}

awaitable<command_outcome> run_admit(const command_scene& scene, command_call call) {
    auto outcome = co_await change_guests(scene, std::move(call), true);
    co_return outcome;
}

awaitable<command_outcome> run_dismiss(const command_scene& scene, command_call call) {
    auto outcome = co_await change_guests(scene, std::move(call), false);
    co_return outcome;
}

constexpr auto registrant = command_row::right::registrant, owner = command_row::right::owner;
constexpr std::array<command_row, 6> commands{{
    {"urn:crosstalk:1#register", "Register a site", registrant, true, begin_register, run_register},
    {"urn:crosstalk:1#sites", "List my sites", owner, false, list_own},
    {"urn:crosstalk:1#edit", "Change who may see a site", owner, true, begin_edit, run_edit, "visibility"},
    {"urn:crosstalk:1#admit", "Let guests into a site", owner, true, begin_admit, run_admit},
    {"urn:crosstalk:1#dismiss", "Let guests into a site no more", owner, true, begin_dismiss, run_dismiss},
    {"urn:crosstalk:1#remove", "Give a site's name back", owner, true, begin_remove, run_remove},
}};

}  // namespace

std::optional<xmpp::form_field> own_sites_field(const command_scene& scene, const std::string& asker) {
    auto names = scene.names.names_of(asker);
    if (names.empty()) return std::nullopt;
    names.resize(std::min(names.size(), most_shown_sites));
    std::vector<xmpp::form_option> options;
    for (const auto& name : names) options.push_back({name, name});
    return required(list_field("name", "Site", std::move(options), names.front()));
}

std::span<const command_row> owner_commands() noexcept { return commands; }

}  // namespace crosstalk::gateway
