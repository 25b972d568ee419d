// One function per table of gateway.toml.
#include "cmd/configuration.hpp"

#include <limits>

#include "base/units.hpp"
#include "cmd/addresses.hpp"
#include "cmd/admin_configuration.hpp"
#include "cmd/registration_configuration.hpp"
#include "cmd/rules_configuration.hpp"
#include "cmd/sites_configuration.hpp"
#include "cmd/text_file.hpp"
#include "cmd/toml_file.hpp"
#include "gateway/client_address.hpp"
#include "gateway/site.hpp"
#include "net/error.hpp"
#include "net/tls.hpp"

namespace crosstalk::cmd {
namespace {

using gateway::settings;

template <class T>
struct choice {
    const char* word;
    T value;
};

template <class T>
void read_choice(toml_file& file, std::string_view key, std::initializer_list<choice<T>> choices,
                 T& to) {
    auto const text = file.text(key);
    if (!text) return;
    std::vector<std::string> words;
    for (auto const& c : choices) {
        if (*text == c.word) {
            to = c.value;
            return;
        }
        words.push_back('"' + std::string(c.word) + '"');
    }
    file.refuse(key, one_of(words));
}

void read_duration(toml_file& file, std::string_view key, std::chrono::milliseconds& to) {
    auto const text = file.text(key);
    if (!text) return;
    auto const duration = base::parse_duration(*text);
    if (duration && duration->count() > 0)
        to = *duration;
    else
        file.refuse(key, R"(a duration above zero like "30s", "250ms", "5m" or "2h")");
}

struct bounds {
    std::uint64_t least, most;
};

void read_size(toml_file& file, std::string_view key, bounds within, std::uint64_t& to) {
    auto const text = file.text(key);
    if (!text) return;
    auto const size = base::parse_size(*text);
    if (size && *size >= within.least && *size <= within.most)
        to = *size;
    else if (size)
        file.refuse(key, "a size from " + std::to_string(within.least) + " to " +
                             std::to_string(within.most) + " bytes");
    else
        file.refuse(key, R"(a size like "64KiB", "1MiB" or "512")");
}

void read_count(toml_file& file, std::string_view key, std::uint64_t& to,
                std::pair<std::int64_t, std::int64_t> range = {1, 1'000'000'000}) {
    auto const number = file.integer(key);
    if (!number) return;
    auto const [least, most] = range;
    if (*number >= least && *number <= most)
        to = static_cast<std::uint64_t>(*number);
    else
        file.refuse(key,
                    "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

void warn_of_readers(toml_file& file, std::string_view key, std::string const& path) {
    file.warn(key, path + " can be read by every user of this machine; run: chmod o-r '" + path + "'");
}

void read_secret_of_file(toml_file& file, std::string const& written, std::string& to) {
    std::string const path = file.beside(written);
    auto secret = read_secret_file(path);
    if (!secret.error.empty()) return file.complain("component.secret_file", path + " " + secret.error);
    if (secret.is_world_readable) warn_of_readers(file, "component.secret_file", path);
    to = std::move(secret.content);
}

void read_secret(toml_file& file, std::string& to) {
    auto const secret = file.text("component.secret");
    auto const secret_file = file.text("component.secret_file");
    if (file.has("component.secret") && file.has("component.secret_file"))
        return file.complain("component.secret", "expected this or component.secret_file, found both");
    if (!file.has("component.secret") && !file.has("component.secret_file"))
        return file.require("component.secret_file", "the path of a file that holds the secret");
    if (secret_file) return read_secret_of_file(file, *secret_file, to);
    if (!secret) return;
    if (secret->empty()) return file.refuse("component.secret", "the component's secret");
    to = *secret;
}

void read_component(toml_file& file, settings& s) {
    if (auto const domain = file.text("component.domain")) {
        if (auto prepared = parse_domain(*domain))
            s.component.domain = std::move(*prepared);
        else
            file.refuse("component.domain", "a domain");
    } else if (!file.has("component.domain")) {
        file.require("component.domain", "the component's domain");
    }
    read_secret(file, s.component.secret);
    if (auto const server = file.text("component.server")) {
        if (auto read = parse_host_and_port(*server)) {
            s.component.host = std::move(read->host);
            s.component.port = read->port;
        } else {
            file.refuse("component.server", host_and_port_form);
        }
    }
}

void read_base_url(toml_file& file, settings& s) {
    auto const text = file.text("http.base_url");
    if (!text) {
        if (!file.has("http.base_url")) file.require("http.base_url", base_url_form);
        return;
    }
    auto read = parse_base_url(*text);
    if (!read) return file.refuse("http.base_url", base_url_form);
    if (read->is_ip && s.sites.addressing != gateway::addressing::path)
        return file.refuse(
            "http.base_url",
            R"(a URL with a host name, because sites are hosts below it (sites.addressing = )"
            R"("path" works with an address))");
    s.http.base_url = std::move(read->text);
}

void read_listen(toml_file& file, std::string_view key, std::vector<std::string>& to) {
    auto listen = file.texts(key);
    if (!listen) return;
    for (std::size_t i = 0; i < listen->size(); ++i)
        if (!is_listen_address((*listen)[i])) file.refuse_item(key, i, listen_form);
    // With TLS the front end need not listen without.
    if (listen->empty() && !(key == "http.listen" && file.has("http.tls")))
        file.complain(key, "expected one address or more, found an empty list");
    to = std::move(*listen);
}

/// The contents of the files that `key` names, one or several; nothing when it is absent or broken.
std::optional<std::vector<std::string>> read_pems(toml_file& file, std::string_view key) {
    std::vector<std::string> all;
    auto const written = file.text_or_texts(key);
    if (!written) return std::nullopt;
    if (written->empty()) file.refuse(key, "a file or several");
    for (std::string const& name : *written) {
        std::string const path = file.beside(name);
        auto pem = read_text_file(path, 1024 * 1024);
        if (pem.error.empty() && pem.content.empty()) pem.error = "is empty";
        if (!pem.error.empty()) file.complain(key, path + " " + pem.error);
        if (key == "http.tls.key" && pem.is_world_readable) warn_of_readers(file, key, path);
        all.push_back(std::move(pem.content));
    }
    return all;
}

void check_pair(toml_file& file, const gateway::tls_settings::pair& pair, std::size_t number) {
    auto const context = net::make_tls_server_context(pair.certificate, pair.key);
    if (context) return;
    std::string const certificate = file.beside(file.text_or_texts("http.tls.certificate")->at(number));
    std::string const key = file.beside(file.text_or_texts("http.tls.key")->at(number));
    if (context.error() == net::errc::encrypted_key)
        file.complain("http.tls.key", key +
                                          " is encrypted; write it without a passphrase: openssl pkey "
                                          "-in '" +
                                          key + "' -out NEW_FILE");
    else if (context.error() == net::errc::key_mismatch)
        file.complain("http.tls.key", key + " does not belong to the first certificate in " +
                                          certificate + "; that has to be the server's own");
    else if (context.error() == net::errc::bad_key)
        file.complain("http.tls.key", key + " holds no private key in PEM form");
    else
        file.complain("http.tls.certificate",
                      certificate + " cannot be used: " + context.error().message());
}

/// Each certificate with the key that stands at the same place.
void read_pairs(toml_file& file, gateway::tls_settings& tls) {
    auto certificates = read_pems(file, "http.tls.certificate");
    auto keys = read_pems(file, "http.tls.key");
    if (!certificates || !keys || certificates->empty() || keys->empty()) return;
    if (certificates->size() != keys->size()) {
        file.complain("http.tls.key", "expected " + std::to_string(certificates->size()) +
                                          ", one for each certificate, found " +
                                          std::to_string(keys->size()));
        return;
    }
    for (std::size_t i = 0; i < certificates->size(); ++i) {
        auto& pair = tls.pairs.emplace_back();
        pair = {std::move((*certificates)[i]), std::move((*keys)[i])};
        if (!pair.certificate.empty() && !pair.key.empty()) check_pair(file, pair, i);
    }
}

void read_tls(toml_file& file, settings& s) {
    read_listen(file, "http.tls.listen", s.http.tls.listen);
    read_pairs(file, s.http.tls);
    if (!file.has("http.tls")) return;
    if (!file.has("http.tls.listen")) file.require("http.tls.listen", "a list of addresses");
    if (!file.has("http.tls.certificate"))
        file.require("http.tls.certificate",
                     "the path of a PEM file with the certificate and its chain");
    if (!file.has("http.tls.key")) file.require("http.tls.key", "the path of a PEM file with the key");
}

void read_http(toml_file& file, settings& s) {
    read_listen(file, "http.listen", s.http.listen);
    read_base_url(file, s);
    read_tls(file, s);
    if (auto proxies = file.texts("http.trusted_proxies")) {
        for (std::size_t i = 0; i < proxies->size(); ++i)
            if (std::string bad; !gateway::proxy_list::parse({(*proxies)[i]}, bad))
                file.refuse_item("http.trusted_proxies", i,
                                 R"(an IP address, a network like "10.0.0.0/8", or "unix")");
        s.http.trusted_proxies = std::move(*proxies);
    }
}

void read_sites(toml_file& file, settings& s) {
    using gateway::addressing;
    read_choice<addressing>(
        file, "sites.addressing",
        {{"host", addressing::host}, {"path", addressing::path}, {"both", addressing::both}},
        s.sites.addressing);
    if (s.sites.addressing != addressing::host)
        file.warn(
            "sites.addressing",
            "sites under paths share one origin, so that browsers take them for one site, and many "
            "apps do not run in the sandbox that keeps them apart; \"host\" needs a wildcard in "
            "DNS and certificate, and nothing else");
    read_registry(file, s);
    read_registration(file, s);
    s.sites.hide_names = file.boolean("sites.hide_names").value_or(s.sites.hide_names);
    read_duration(file, "sites.session", s.sites.session);
    s.sites.directory = file.boolean("sites.directory").value_or(false);
}

void read_timeouts(toml_file& file, settings& s) {
    read_duration(file, "timeouts.header", s.timeouts.header);
    read_duration(file, "timeouts.body", s.timeouts.body);
    read_duration(file, "timeouts.response", s.timeouts.response);
    read_duration(file, "timeouts.idle", s.timeouts.idle);
    read_duration(file, "timeouts.drain", s.timeouts.drain);
    read_duration(file, "timeouts.websocket", s.timeouts.websocket);
}

void read_limits(toml_file& file, settings& s) {
    constexpr std::uint64_t kib = 1024, mib = kib * kib;
    read_size(file, "limits.uri", {64, mib}, s.limits.uri);
    read_size(file, "limits.headers", {kib, 16 * mib}, s.limits.headers);
    read_count(file, "limits.header_count", s.limits.header_count);
    read_count(file, "limits.names_per_owner", s.sites.registration.names_per_owner);
    read_size(file, "limits.body", {0, std::numeric_limits<std::uint64_t>::max()}, s.limits.body);
    read_count(file, "limits.connections", s.limits.connections);
    read_count(file, "limits.connections_per_client", s.limits.connections_per_client);
    read_count(file, "limits.streams", s.limits.streams, {0, 10'000});
    read_count(file, "limits.transactions_per_peer", s.limits.transactions_per_peer);
    read_count(file, "limits.websockets_per_peer", s.limits.websockets_per_peer);
    if (file.has("limits.transactions_per_client"))
        read_count(file, "limits.transactions_per_client", s.limits.transactions_per_client.emplace(1));
    read_count(file, "limits.rate_per_client", s.limits.rate_per_client, {0, 1'000'000'000});
    read_count(file, "limits.logins_per_jid", s.limits.logins_per_jid);
    read_count(file, "limits.logins_per_client", s.limits.logins_per_client);
    // A peer may send 64 KiB before it has been told any window.
    read_size(file, "limits.buffer", {64 * kib, 1024 * mib}, s.limits.buffer);
}

void read_log(toml_file& file, settings& s) {
    using base::log_level, base::log_format;
    read_choice<log_level>(file, "log.level",
                           {{"debug", log_level::debug},
                            {"info", log_level::info},
                            {"warning", log_level::warning},
                            {"error", log_level::error},
                            {"off", log_level::off}},
                           s.log.level);
    read_choice<log_format>(file, "log.format",
                            {{"text", log_format::text}, {"json", log_format::json}}, s.log.format);
}

void read_dns(toml_file& file, settings& s) {
    auto servers = file.texts("dns.servers");
    if (!servers) return;
    for (std::size_t i = 0; i < servers->size(); ++i)
        if (!is_dns_server((*servers)[i])) file.refuse_item("dns.servers", i, dns_server_form);
    s.dns_servers = std::move(*servers);
}

}  // namespace

std::optional<settings> read_gateway_configuration(const std::string& path, findings& found) {
    std::size_t const errors_before = found.errors.size();
    auto file = toml_file::read(path, found);
    if (!file) return std::nullopt;
    settings s;
    s.file = path;
    read_component(*file, s);
    read_sites(*file, s);
    read_http(*file, s);  // after the sites: base_url depends on the addressing
    read_fixed_sites(*file, s);
    read_rules(*file, s);
    read_admin(*file, s);
    read_timeouts(*file, s);
    read_limits(*file, s);
    read_log(*file, s);
    read_dns(*file, s);
    file->finish();
    if (found.errors.size() != errors_before) return std::nullopt;
    return s;
}

}  // namespace crosstalk::cmd
