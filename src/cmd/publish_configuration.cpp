// See publish_configuration.hpp.
#include "cmd/publish_configuration.hpp"

#include <charconv>

#include "cmd/addresses.hpp"
#include "cmd/target.hpp"
#include "gateway/site.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::cmd {
namespace {

void read_target(option_reader& reader, publish_options const& options, peer::settings& to) {
    bool const listings = reader.flag("listings", options.listings);
    auto const g = reader.text("target", options.target);
    if (!g) return reader.require("target", "a folder, http://HOST:PORT or unix:PATH");
    std::string problem;
    std::string const text = is_folder_form(g->value) ? reader.path(*g) : g->value;
    auto target = parse_target(text, problem);
    if (!target) return reader.complain(*g, "\"" + text + "\" " + problem);
    if (auto* const folder = std::get_if<peer::folder_target>(&*target)) {
        folder->listings = listings;
        to.folder = std::move(*folder);
    } else {
        to.http = std::get<peer::http_target>(std::move(*target));
    }
}

void read_identity(option_reader& reader, publish_options const& options, peer::settings& to) {
    auto const gateways = reader.texts("gateway", options.gateways);
    for (given const& g : gateways) {
        if (auto domain = parse_domain(g.value))
            to.gateways.push_back(std::move(*domain));
        else
            reader.refuse(g, "the domain of a gateway, like http.example.org");
    }
    if (auto const g = reader.text("name", options.name)) {
        if (gateway::is_site_name(g->value))
            to.name = g->value;
        else
            reader.refuse(*g, "a site name: 1 to 63 of a-z, 0-9 and -, none at the ends");
    }
    if (auto const g = reader.text("visibility", options.visibility)) {
        if (!gateway::parse_visibility(g->value))
            reader.refuse(*g, R"("public", "roster" or "listed")");
        else if (to.name.empty())
            reader.refuse(*g, "a name beside it: it is for one that is registered");
        to.visibility = g->value;
    }
}

/// Whoever is named is let in, and nobody else: `roster` has to be said beside others.
void read_guests(option_reader& reader, publish_options const& options, peer::settings& to) {
    auto const list = reader.texts("allow", options.allow);
    if (list.empty()) return;
    to.guests.contacts = false;
    for (given const& g : list) {
        if (!to.guests.admit(g.value))
            reader.refuse(g, "anyone, roster, an XMPP address without a resource, or a domain");
    }
}

void read_direct(option_reader& reader, publish_options const& options, peer::settings& to) {
    if (auto const g = reader.text("direct", options.direct)) {
        if (g->value == "auto")
            to.direct = peer::direct_use::when_possible;
        else if (g->value == "never")
            to.direct = peer::direct_use::never;
        else if (g->value == "require")
            to.direct = peer::direct_use::required;
        else
            reader.refuse(*g, "auto, never or require");
    }
    for (given const& g : reader.texts("direct_host", options.direct_hosts)) {
        auto const host = http::parse_authority(g.value);
        if (host && host->port == 0)
            to.direct_hosts.push_back(host->host);
        else
            reader.refuse(g, "a host without a port, like gateway.example.net");
    }
}

/// What is not negative would be given the owner's chats.
void read_priority(option_reader& reader, publish_options const& options, peer::settings& to) {
    auto const g = reader.number("priority", options.priority);
    if (!g) return;
    auto const end = g->value.data() + g->value.size();
    auto const [stop, error] = std::from_chars(g->value.data(), end, to.priority);
    if (error != std::errc() || stop != end || to.priority < -128 || to.priority > -1)
        reader.refuse(*g, "a whole number from -128 to -1");
}

void read_compression(option_reader& reader, publish_options const& options, peer::settings& to) {
    auto const g = reader.text("compression", options.compression);
    if (!g) return;
    to.compresses = g->value != "off";
    if (to.compresses && g->value != "auto") reader.refuse(*g, "auto or off");
}

}  // namespace

std::optional<publish_configuration> read_publish_configuration(const publish_options& options,
                                                                const account_environment& environment,
                                                                findings& found) {
    publish_configuration out;
    const bool is_fine = read_options(options, environment, found, [&](option_reader& reader) {
        out.verbose = reader.flag("verbose", options.verbose);
        read_target(reader, options, out.settings);
        read_account(reader, options, environment, out.settings, found);
        read_identity(reader, options, out.settings);
        read_guests(reader, options, out.settings);
        read_direct(reader, options, out.settings);
        read_priority(reader, options, out.settings);
        read_compression(reader, options, out.settings);
    });
    if (!is_fine) return std::nullopt;
    return out;
}

}  // namespace crosstalk::cmd
