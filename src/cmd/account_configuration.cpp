// See account_configuration.hpp.
#include "cmd/account_configuration.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "cmd/addresses.hpp"
#include "cmd/password_prompt.hpp"
#include "cmd/text_file.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::cmd {
namespace {

std::optional<std::string> variable(const char* name) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

void read_jid(option_reader& reader, account_options const& options, net::account& to) {
    if (auto const g = reader.text("jid", options.jid)) {
        auto const jid = xmpp::jid::parse(g->value);
        if (jid && !jid->node().empty())
            to.jid = jid->full();
        else
            reader.refuse(*g, "an XMPP address like romeo@montague.example");
    } else {
        reader.require("jid", "your XMPP address, like romeo@montague.example");
    }
}

void read_connection(option_reader& reader, account_options const& options, net::account& to) {
    if (auto const g = reader.text("server", options.server)) {
        if (!net::read_server(g->value, to)) reader.refuse(*g, "HOST:PORT or tls://HOST:PORT");
    }
    if (auto const g = reader.text("ca_file", options.ca_file)) {
        to.ca_file = reader.path(*g);
        auto const file = read_text_file(to.ca_file, 16 * 1024 * 1024);
        if (!file.error.empty()) reader.complain(*g, to.ca_file + " " + file.error);
    }
}

void read_dns(account_environment const& environment, net::account& to, findings& found) {
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

void read_password(option_reader& reader, account_options const& options,
                   account_environment const& environment, net::account& to) {
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

account_environment read_environment() {
    return {variable("CROSSTALK_PASSWORD"), variable("CROSSTALK_CONFIG"), variable("CROSSTALK_DNS")};
}

void read_account(option_reader& reader, account_options const& options,
                  account_environment const& environment, net::account& to, findings& found) {
    read_jid(reader, options, to);
    read_connection(reader, options, to);
    read_password(reader, options, environment, to);
    read_dns(environment, to, found);
}

bool complete_password(net::account& account) {
    if (!account.password.empty()) return true;
    std::string const who(xmpp::bare_of(account.jid));
    auto typed = ask_password("Password of " + who + ": ");
    if (!typed) {
        std::cerr << "crosstalk: there is no password for " << who
                  << "; give --password-file FILE or set CROSSTALK_PASSWORD\n";
        return false;
    }
    account.password = std::move(*typed);
    return true;
}

bool read_options(account_options const& options, account_environment const& environment,
                  findings& found, const std::function<void(option_reader&)>& read) {
    std::size_t const errors_before = found.errors.size();
    std::optional<toml_file> file;
    if (auto const& path = options.config ? options.config : environment.config) {
        file = toml_file::read(*path, found);
        if (!file) return false;
    }
    option_reader reader(file, found);
    read(reader);
    for (const char* const key : {"target", "gateway", "allow", "name", "direct", "direct_host",
                                  "compression", "priority", "listings", "verbose", "listen"})
        reader.leave(key);
    if (file) file->finish();
    return found.errors.size() == errors_before;
}

}  // namespace crosstalk::cmd
