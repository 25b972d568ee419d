// Each option is looked for on the command line first, then in the file; a mistake is told where it
// stands.
#include "cmd/publish_configuration.hpp"

#include "cmd/addresses.hpp"
#include "cmd/target.hpp"
#include "cmd/text_file.hpp"
#include "cmd/toml_file.hpp"
#include "gateway/site.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::cmd {
namespace {

/// A value with the place that it came from.
struct given {
    std::string key;
    std::string value;
    bool is_from_file = false;
};

class option_reader {
  public:
    option_reader(std::optional<toml_file>& file, findings& found) : file_(file), found_(found) {}

    std::optional<given> text(const char* key, std::optional<std::string> const& option) {
        auto in_file = file_ ? file_->text(key) : std::nullopt;
        if (option) return given{key, *option, false};
        if (in_file) return given{key, std::move(*in_file), true};
        return std::nullopt;
    }

    std::vector<given> texts(const char* key, std::optional<std::vector<std::string>> const& option) {
        auto const in_file = file_ ? file_->text_or_texts(key) : std::nullopt;
        std::vector<given> out;
        for (std::string const& value : option ? *option : in_file.value_or(std::vector<std::string>{}))
            out.push_back({key, value, !option});
        return out;
    }

    bool flag(const char* key, bool option) {
        auto const in_file = file_ ? file_->boolean(key) : std::nullopt;
        return option || in_file.value_or(false);
    }

    /// A path as it was meant: one of the file is relative to the file's folder.
    [[nodiscard]] std::string path(given const& g) const {
        return g.is_from_file ? file_->beside(g.value) : g.value;
    }

    void complain(given const& g, std::string const& problem) {
        if (g.is_from_file)
            file_->complain(g.key, problem);
        else
            found_.errors.push_back(option_name(g.key) + ": " + problem);
    }

    void refuse(given const& g, std::string const& expected) {
        complain(g, "expected " + expected + ", found \"" + g.value + "\"");
    }

    void warn(given const& g, std::string const& problem) {
        if (g.is_from_file)
            file_->warn(g.key, problem);
        else
            found_.warnings.push_back(option_name(g.key) + ": " + problem);
    }

    void require(const char* key, std::string const& what) {
        bool const is_of_wrong_type = file_ && file_->has(key);
        if (!is_of_wrong_type) found_.errors.push_back(option_name(key) + " is required: " + what);
    }

  private:
    static std::string option_name(std::string key) {
        if (key == "target") return "TARGET";
        for (char& c : key)
            if (c == '_') c = '-';
        return "--" + key;
    }

    std::optional<toml_file>& file_;
    findings& found_;
};

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
    if (auto const g = reader.text("jid", options.jid)) {
        auto const jid = xmpp::jid::parse(g->value);
        if (jid && !jid->node().empty())
            to.jid = jid->full();
        else
            reader.refuse(*g, "an XMPP address like romeo@montague.example");
    } else {
        reader.require("jid", "your XMPP address, like romeo@montague.example");
    }
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
}

/// Whoever is named is let in, and nobody else: `roster` has to be said beside others.
void read_guests(option_reader& reader, publish_options const& options, peer::settings& to) {
    auto const list = reader.texts("allow", options.allow);
    if (list.empty()) return;
    to.guests.contacts = false;
    for (given const& g : list) {
        if (g.value == "anyone")
            to.guests.anyone = true;
        else if (g.value == "roster")
            to.guests.contacts = true;
        else if (auto account = parse_bare_jid(g.value))
            to.guests.accounts.push_back(std::move(*account));
        else if (auto domain = parse_domain(g.value))
            to.guests.domains.push_back(std::move(*domain));
        else
            reader.refuse(g, "anyone, roster, an XMPP address without a resource, or a domain");
    }
}

void read_connection(option_reader& reader, publish_options const& options, peer::settings& to) {
    constexpr std::string_view tls = "tls://";
    if (auto const g = reader.text("server", options.server)) {
        to.direct_tls = g->value.starts_with(tls);
        auto const at =
            parse_host_and_port(std::string_view(g->value).substr(to.direct_tls ? tls.size() : 0));
        if (at) {
            to.server_host = at->host;
            to.server_port = at->port;
        } else {
            reader.refuse(*g, "HOST:PORT or tls://HOST:PORT");
        }
    }
    if (auto const g = reader.text("ca_file", options.ca_file)) {
        to.ca_file = reader.path(*g);
        auto const file = read_text_file(to.ca_file, 16 * 1024 * 1024);
        if (!file.error.empty()) reader.complain(*g, to.ca_file + " " + file.error);
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

void read_dns(publish_environment const& environment, peer::settings& to, findings& found) {
    std::string_view rest = environment.dns ? std::string_view(*environment.dns) : std::string_view{};
    while (!rest.empty()) {
        auto const comma = std::min(rest.find(','), rest.size());
        std::string const server(rest.substr(0, comma));
        rest.remove_prefix(std::min(comma + 1, rest.size()));
        if (is_dns_server(server))
            to.dns_servers.push_back(server);
        else
            found.errors.push_back("CROSSTALK_DNS: expected " + std::string(dns_server_form) +
                                   ", found \"" + server + "\"");
    }
}

/// The secret of a file, or "" and a complaint.
std::string read_password_file(option_reader& reader, given const& g) {
    std::string const path = reader.path(g);
    auto secret = read_secret_file(path);
    if (!secret.error.empty()) {
        reader.complain(g, path + " " + secret.error);
        return {};
    }
    if (secret.is_world_readable)
        reader.warn(g,
                    path + " can be read by every user of this machine; run: chmod o-r '" + path + "'");
    return std::move(secret.content);
}

void read_password(option_reader& reader, publish_options const& options,
                   publish_environment const& environment, peer::settings& to) {
    auto const file = reader.text("password_file", options.password_file);
    auto const in_config = reader.text("password", std::nullopt);
    if (file && !file->is_from_file)
        to.password = read_password_file(reader, *file);
    else if (environment.password)
        to.password = *environment.password;
    else if (file && in_config)
        reader.complain(*in_config, "expected this or password_file, found both");
    else if (file)
        to.password = read_password_file(reader, *file);
    else if (in_config)
        to.password = in_config->value;
}

}  // namespace

std::optional<publish_configuration> read_publish_configuration(const publish_options& options,
                                                                const publish_environment& environment,
                                                                findings& found) {
    std::size_t const errors_before = found.errors.size();
    std::optional<toml_file> file;
    if (auto const& path = options.config ? options.config : environment.config) {
        file = toml_file::read(*path, found);
        if (!file) return std::nullopt;
    }
    option_reader reader(file, found);
    publish_configuration out;
    out.verbose = reader.flag("verbose", options.verbose);
    read_target(reader, options, out.settings);
    read_identity(reader, options, out.settings);
    read_guests(reader, options, out.settings);
    read_connection(reader, options, out.settings);
    read_direct(reader, options, out.settings);
    read_password(reader, options, environment, out.settings);
    read_dns(environment, out.settings, found);
    if (file) file->finish();
    if (found.errors.size() != errors_before) return std::nullopt;
    return out;
}

}  // namespace crosstalk::cmd
