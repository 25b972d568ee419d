// The component to those who ask about it, and to its operator: what its commands see of the rest.
#include "base/ids.hpp"
#include "base/log.hpp"
#include "gateway/component_settings.hpp"
#include "gateway/component_state.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using net::awaitable;

namespace {

std::string_view name_of(dialect speaks) {
    switch (speaks) {
        case dialect::crosstalk: return "CrossTalk";
        case dialect::xep0332: return "XEP-0332";
        case dialect::chat: return "chat messages of 2008";
        case dialect::none: return "nothing";
        case dialect::unknown: break;
    }
    return "not known yet";
}

}  // namespace

void component::state::apply_settings() {
    registered.configure(config.sites.fixed, config.sites.registration, config.sites.rules);
    answers.configure(services_of(config, registered.is_open()));
    desk.configure(desk_of(config));
    reception.configure(lobby_of(config));
    visiting.limit_logins(config.limits.logins_per_jid, config.limits.logins_per_client);
}

/// Whoever asks too much is told so, and then not heard for a while. Presence of owners is never too much.
bool component::state::is_flood(const xmpp::element& received) {
    const std::string who(xmpp::bare_of(received.attr("from")));
    const bool is_asked = xmpp::is_request(received) || xmpp::is_message(received) ||
                          (xmpp::is_presence(received) && !sites.is_owner(who));
    if (!is_asked) return false;
    const auto verdict = floods.judge(who, base::clock::now());
    if (verdict == flood_guard::verdict::answer) return false;
    const bool is_told = verdict == flood_guard::verdict::refuse && !xmpp::is_presence(received) &&
                         received.attr("type") != "error";
    if (!is_told) return true;
    base::log(base::log_level::debug, "asked too much", {{"from", who}, {"refused", floods.refused()}});
    answers.reply(xmpp::make_error(received, {xmpp::condition::resource_constraint,
                                              "You ask too much at once. Try again in some seconds."}));
    flush();
    return true;
}

/// Whether the stanza was of somebody who looks around.
bool component::state::answer_curiosity(const xmpp::element& received) {
    if (reception.is_asked(received)) {
        const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(base::clock::now() - started);
        auto answer = reception.answer(received, {std::chrono::system_clock::now(), uptime});
        if (answer) answers.reply(*std::move(answer));
        return true;
    }
    auto answer = desk.describe(received, config.component.domain);
    if (!answer) return false;
    answers.reply(*std::move(answer));
    return true;
}

awaitable<void> component::state::answer_command(xmpp::element request) {
    auto answer = co_await desk.answer(std::move(request), base::random_id(), base::clock::now());
    answers.reply(std::move(answer));
    note_changes();
    flush();
}

operations component::state::rest_for_desk() {
    operations rest;
    rest.online = [this] { return online_owners(); };
    rest.counts = [this] { return counts(); };
    rest.claim_host = [this](std::string owner, std::string name, std::string host) {
        return hosts.claim(std::move(owner), std::move(name), std::move(host), routes_of(config).base.authority.host);
    };
    rest.reload = [this] { return upkeep.reload && upkeep.reload(); };
    rest.announce = [this](announcement what, std::vector<std::string> owners) {
        return told.add(std::move(what), std::move(owners));
    };
    return rest;
}

std::vector<online_resource> component::state::online_owners() {
    std::vector<online_resource> online;
    table.for_each([&](const resource& r) {
        const auto* direct = streams.find(r.full);
        const auto open = in_band.open_count(r.full) + (direct == nullptr ? 0 : direct->open_count());
        online.push_back({r.full, name_of(r.speaks), direct != nullptr, open});
    });
    return online;
}

std::vector<xmpp::form_field> component::state::counts() const {
    const auto connections = upkeep.connections ? upkeep.connections() : 0;
    std::vector<xmpp::form_field> facts;
    facts.push_back(fact("connections", "Open connections of visitors", std::to_string(connections)));
    facts.push_back(fact("sites", "Sites", std::to_string(sites.size())));
    facts.push_back(fact("direct", "Direct streams", std::to_string(streams.size())));
    facts.push_back(fact("refused", "XMPP requests refused because there were too many", std::to_string(floods.refused())));
    return facts;
}

}  // namespace crosstalk::gateway
