// See settings.hpp.
#include "library/settings.hpp"

#include "http/target.hpp"

namespace crosstalk::library {
namespace {

[[noreturn]] void refuse(std::string_view setting, std::string_view expected,
                         const std::string& found) {
    throw configuration_error(std::string(setting) + ": expected " + std::string(expected) +
                              ", found \"" + found + '"');
}

/// What a publisher's settings and an asker's have in common.
template <class Settings>
void read_account(const Settings& from, net::account& to) {
    const auto self = xmpp::jid::parse(from.jid);
    if (!self || self->node().empty())
        refuse("jid", "an XMPP address like romeo@montague.example", from.jid);
    to.jid = self->full();
    if (from.password.empty()) throw configuration_error("password: expected one, found none");
    to.password = from.password;
    if (!from.server.empty() && !net::read_server(from.server, to))
        refuse("server", "HOST:PORT or tls://HOST:PORT", from.server);
    to.ca_file = from.ca_file;
}

peer::direct_use read_direct(direct_streams from) {
    if (from == direct_streams::never) return peer::direct_use::never;
    return from == direct_streams::required ? peer::direct_use::required
                                            : peer::direct_use::when_possible;
}

}  // namespace

peer::settings read_settings(const publisher_settings& from) {
    peer::settings to;
    read_account(from, to);
    for (const auto& text : from.gateways) {
        const auto gateway = xmpp::jid::parse(text);
        if (!gateway || !gateway->node().empty() || !gateway->is_bare())
            refuse("gateways", "the domain of a gateway, like http.example.org", text);
        to.gateways.push_back(gateway->domain());
    }
    to.guests.contacts = false;
    for (const auto& word : from.allow) {
        if (!to.guests.admit(word))
            refuse("allow", "anyone, roster, an XMPP address without a resource, or a domain", word);
    }
    to.name = from.name;
    if (from.priority < -128 || from.priority > -1)
        refuse("priority", "a whole number from -128 to -1", std::to_string(from.priority));
    to.priority = from.priority;
    to.direct = read_direct(from.direct);
    for (const auto& text : from.direct_hosts) {
        const auto host = http::parse_authority(text);
        if (!host || host->port != 0)
            refuse("direct_hosts", "a host without a port, like gateway.example.net", text);
        to.direct_hosts.push_back(host->host);
    }
    to.transactions = from.most_requests;
    return to;
}

net::account read_settings(const asker_settings& from) {
    net::account to;
    read_account(from, to);
    return to;
}

net::tls_client_context read_trust(const std::string& ca_file) {
    auto trust = net::make_tls_client_context(ca_file);
    if (!trust)
        throw configuration_error("ca_file: cannot use the certificates of " +
                                  (ca_file.empty() ? "the system" : ca_file) + ": " +
                                  trust.error().message());
    return *std::move(trust);
}

xmpp::jid jid_of(const net::account& from) { return xmpp::jid::parse(from.jid).value(); }

}  // namespace crosstalk::library
