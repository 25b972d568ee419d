// What the operator asks and tells the running gateway from a chat client.
#include <algorithm>
#include <array>

#include "gateway/command_desk.hpp"

namespace crosstalk::gateway {

using net::awaitable;
using xmpp::command_error;
using xmpp::command_fault;
using xmpp::condition;
using xmpp::stanza_error;

namespace {

constexpr std::size_t most_resources = 100, most_sites = 20;
constexpr std::size_t longest_subject = 256, longest_text = 4096;

command_outcome list_online(const command_scene& scene, const std::string&) {
    auto online = scene.rest.online();
    std::ranges::sort(online, {}, &online_resource::full);
    std::vector<std::vector<std::string>> rows;
    for (const auto& r : online) {
        if (rows.size() == most_resources) break;
        rows.push_back({r.full, std::string(r.speaks), r.is_direct ? "yes" : "no", std::to_string(r.open)});
    }
    auto reply = done(count_of(online.size(), "resource") + (online.size() == 1 ? " is online." : " are online."));
    if (online.size() > rows.size())
        reply.notes.push_back({xmpp::command_note::kind::info, "The first " + std::to_string(rows.size()) + " are shown."});
    if (rows.empty()) return reply;
    reply.form = table_of("Owners online", {{"jid", "JID"}, {"speaks", "Speaks"}, {"direct", "Direct stream"}, {"open", "Open requests"}}, rows);
    return reply;
}

command_outcome show_flows(const command_scene& scene, const std::string&) {
    const auto& total = scene.flows.total();
    std::vector<std::vector<std::string>> rows;
    for (const auto& [site, f] : scene.flows.top(most_sites))
        rows.push_back({site, std::to_string(f.requests), std::to_string(f.open), std::to_string(f.bytes_in), std::to_string(f.bytes_out)});
    auto form = table_of("Since the start, with the sites that were asked most",
                         {{"name", "Site"}, {"requests", "Requests"}, {"open", "Open"}, {"bytes_in", "Bytes in"}, {"bytes_out", "Bytes out"}}, rows);
    form.fields = {fact("requests", "Requests to sites", std::to_string(total.requests)),
                   fact("open", "Open requests", std::to_string(total.open)),
                   fact("bytes_in", "Bytes of their bodies", std::to_string(total.bytes_in)),
                   fact("bytes_out", "Bytes of the responses' bodies", std::to_string(total.bytes_out))};
    for (auto& count : scene.rest.counts()) form.fields.push_back(std::move(count));
    xmpp::command_reply reply;
    reply.form = std::move(form);
    return reply;
}

command_outcome read_configuration(const command_scene& scene, const std::string&) {
    if (scene.rest.reload()) return done("The configuration is read.");
    return command_error(stanza_error(condition::not_acceptable,
                                      "The configuration has a mistake, so that the old one stays. The gateway's log says what is wrong."));
}

// Announcements: XEP-0133 has the node and the names of the fields; whom it is for is ours.

command_outcome begin_announce(const command_scene&, const std::string&) {
    return form_of("Tell the owners of sites", "Each of them gets one message.",
                   {text_field("subject", "Subject"),
                    required({"announcement", "text-multi", {}, "Text"}),
                    list_field("to", "To", {{"online", "Owners who are online"}, {"all", "All owners"}}, "online")});
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text.append(text.empty() ? "" : "\n").append(line);
    return text;
}

/// The bare JIDs that a message goes to.
std::vector<std::string> owners_of(const command_scene& scene, bool is_for_all) {
    if (is_for_all) return scene.names.sites().owners();
    std::vector<std::string> owners;
    for (const auto& r : scene.rest.online()) owners.emplace_back(r.full.substr(0, r.full.find('/')));
    std::ranges::sort(owners);
    const auto [first, last] = std::ranges::unique(owners);
    owners.erase(first, last);
    return owners;
}

command_outcome announce(const command_scene& scene, const xmpp::data_form& form) {
    announcement told{text_of(form, "subject"), joined(form.values("announcement")), text_of(form, "to") == "all"};
    if (told.text.find_first_not_of(" \t\r\n") == std::string::npos)
        return command_error(command_fault::bad_payload, "There is no text to be told.");
    if (told.text.size() > longest_text || told.subject.size() > longest_subject)
        return command_error(command_fault::bad_payload, "That is too long: a subject has at most " + std::to_string(longest_subject) +
                                                             " bytes, a text at most " + std::to_string(longest_text) + '.');
    auto owners = owners_of(scene, told.is_for_absent);
    const auto number = owners.size();
    if (number == 0) return done("Nobody is there to be told.");
    if (!scene.rest.announce(std::move(told), std::move(owners)))
        return command_error(stanza_error(condition::resource_constraint, "Other announcements are still on their way. Try again later."));
    return done("On its way to " + count_of(number, "owner") + '.');
}

awaitable<command_outcome> run_announce(const command_scene& scene, command_call call) {
    co_return announce(scene, call.form);
}

constexpr auto admin = command_row::right::operator_;
constexpr std::array<command_row, 4> commands{{
    {"urn:crosstalk:1#online", "List owners who are online", admin, false, list_online},
    {"urn:crosstalk:1#flows", "Show what is going on", admin, false, show_flows},
    {"urn:crosstalk:1#reload", "Read the configuration again", admin, true, read_configuration},
    {"http://jabber.org/protocol/admin#announce", "Tell the owners of sites something", admin, true, begin_announce, run_announce},
}};

}  // namespace

std::span<const command_row> operation_commands() noexcept { return commands; }

}  // namespace crosstalk::gateway
