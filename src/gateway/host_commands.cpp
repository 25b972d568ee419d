// What owners do from a chat client about hosts of their sites' own.
#include <array>

#include "gateway/command_desk.hpp"

namespace crosstalk::gateway {

using net::awaitable;
using xmpp::command_error;
using xmpp::condition;
using xmpp::stanza_error;

namespace {

command_outcome begin_host(const command_scene& scene, const std::string& asker) {
    auto sites = own_sites_field(scene, asker);
    if (!sites) return command_error(stanza_error(condition::item_not_found, "You have no sites here. Register one first."));
    return form_of("Give a site a host of its own",
                   "Name a host that is yours, like www.example.net. You are told how to prove that, by a record in the "
                   "DNS; when it is there, come back and ask again.",
                   {*std::move(sites), required(text_field("host", "Host"))});
}

awaitable<command_outcome> run_host(const command_scene& scene, command_call call) {
    const auto name = name_of(call.form), host = text_of(call.form, "host");
    const auto why_not = co_await scene.rest.claim_host(call.asker, name, host);
    // What is missing is the owner's to do, and no mistake.
    if (why_not && why_not->what == condition::not_authorized) co_return done(why_not->text);
    if (why_not) co_return command_error(*why_not);
    co_return done(name + " is found at " + host + " too.");
}

command_outcome begin_unhost(const command_scene& scene, const std::string& asker) {
    std::vector<xmpp::form_option> options;
    for (const auto* s : scene.names.sites().of_owner(asker))
        for (const auto& host : s->hosts)
            if (!s->fixed) options.push_back({host, host + " of " + s->name});
    if (options.empty())
        return command_error(stanza_error(condition::item_not_found, "Your sites have no hosts of their own."));
    auto first = options.front().value;
    return form_of("Take a host of its own from a site", "The site stays, under its other addresses.",
                   {required(list_field("host", "Host", std::move(options), std::move(first)))});
}

awaitable<command_outcome> run_unhost(const command_scene& scene, command_call call) {
    const auto host = text_of(call.form, "host");
    const auto why_not = co_await scene.names.remove_host(call.asker, host);
    if (why_not) co_return command_error(*why_not);
    co_return done("Nothing is found at " + host + " any more.");
}

constexpr auto owner = command_row::right::owner;
constexpr std::array<command_row, 2> commands{{
    {"urn:crosstalk:1#host", "Give a site a host of its own", owner, true, begin_host, run_host},
    {"urn:crosstalk:1#unhost", "Take a host of its own from a site", owner, true, begin_unhost, run_unhost},
}};

}  // namespace

std::span<const command_row> host_commands() noexcept { return commands; }

}  // namespace crosstalk::gateway
