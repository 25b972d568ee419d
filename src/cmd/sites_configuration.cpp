// See sites_configuration.hpp.
#include "cmd/sites_configuration.hpp"

#include <algorithm>

#include "cmd/addresses.hpp"
#include "gateway/registry.hpp"
#include "gateway/routes.hpp"
#include "gateway/site.hpp"
#include "http/target.hpp"

namespace crosstalk::cmd {

using gateway::settings, gateway::site;

namespace {

constexpr std::string_view sqlite = "sqlite:", postgresql = "postgresql://";
constexpr auto owner_form = R"(a JID like "romeo@montague.example")";

void read_owner(toml_file& file, std::string const& key, site& to) {
    auto const owner = file.text(key);
    if (!owner) return;
    if (auto jid = parse_bare_jid(*owner))
        to.owner = std::move(*jid);
    else
        file.refuse(key, owner_form);
}

void read_visibility(toml_file& file, std::string const& key, site& to) {
    auto const word = file.text(key);
    if (!word) return;
    if (auto const seen_by = gateway::parse_visibility(*word))
        to.seen_by = *seen_by;
    else
        file.refuse(key, R"("public", "roster" or "listed")");
}

void read_guests(toml_file& file, std::string const& key, site& to) {
    auto const guests = file.texts(key);
    if (!guests) return;
    for (std::size_t i = 0; i < guests->size(); ++i) {
        if (auto prepared = parse_jid_or_domain((*guests)[i]))
            to.guests.push_back(std::move(*prepared));
        else
            file.refuse_item(key, i, R"(a JID like "romeo@montague.example", or a domain)");
    }
    std::sort(to.guests.begin(), to.guests.end());
}

void read_hosts(toml_file& file, settings const& s, std::string const& key, site& to) {
    auto const hosts = file.texts(key);
    if (!hosts) return;
    for (std::size_t i = 0; i < hosts->size(); ++i) {
        if (auto host = parse_own_host(s, (*hosts)[i]))
            to.hosts.push_back(std::move(*host));
        else
            file.refuse_item(key, i, R"(a name like "www.example.net", not below http.base_url)");
    }
    std::sort(to.hosts.begin(), to.hosts.end());
}

}  // namespace

std::optional<std::string> parse_own_host(const settings& s, const std::string& text) {
    auto const base = gateway::parse_base_url(s.http.base_url);
    auto const host = http::parse_authority(text);
    if (!base || !host || host->port != 0 || !gateway::is_own_host(host->host, base->authority.host)) return std::nullopt;
    return host->host;
}

void read_registry(toml_file& file, settings& s) {
    auto const text = file.text("sites.registry");
    if (!text) return;
    bool const is_file = text->starts_with(sqlite) && text->size() > sqlite.size();
    auto const shown = gateway::registry::title_of(*text);
    if (is_file)
        s.sites.registry = std::string(sqlite) + file.beside(shown);
    else if (text->starts_with(postgresql))
        s.sites.registry = *text;
    else
        file.complain("sites.registry", R"(expected "sqlite:/PATH" or "postgresql://HOST/DATABASE", found ")" + shown + '"');
    if (!is_file && shown != *text && file.is_world_readable())
        file.warn("sites.registry", "its password can be read by every user of this machine; run: chmod o-r '" + s.file + "'");
}

void read_fixed_sites(toml_file& file, settings& s) {
    for (auto const& name : file.keys("sites.static")) {
        std::string const key = "sites.static." + name;
        if (!gateway::is_site_name(name)) {
            file.complain(key, "expected a site name (1 to 63 of a-z, 0-9 and -, none at the ends) as the key");
            file.leave(key);
            continue;
        }
        site fixed{name, "", true};
        bool const is_table = file.is_table(key);
        std::string const of_owner = is_table ? key + ".owner" : key;
        read_owner(file, of_owner, fixed);
        if (is_table) {
            read_visibility(file, key + ".visibility", fixed);
            read_guests(file, key + ".guests", fixed);
            read_hosts(file, s, key + ".hosts", fixed);
            if (!file.has(of_owner)) file.require(of_owner, owner_form);
        }
        s.sites.fixed.push_back(std::move(fixed));
    }
}

}  // namespace crosstalk::cmd
