// See account.hpp.
#include "net/account.hpp"

#include "base/console.hpp"
#include "base/ids.hpp"
#include "http/target.hpp"
#include "xmpp/error.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::net {

bool read_server(std::string_view text, account& to) {
    constexpr std::string_view tls = "tls://";
    const bool is_tls = text.starts_with(tls);
    const auto at = http::parse_authority(text.substr(is_tls ? tls.size() : 0));
    if (!at || at->port == 0) return false;
    const bool has_brackets = at->host.starts_with('[');
    to.server_host = has_brackets ? at->host.substr(1, at->host.size() - 2) : at->host;
    to.server_port = at->port;
    to.direct_tls = is_tls;
    return true;
}

link_settings link_settings_of(const account& who, const std::string& domain, tls_client_context tls) {
    link_settings out;
    out.server_host = who.server_host;
    out.server_port = who.server_port;
    out.domain = domain;
    out.direct_tls = who.direct_tls;
    out.tls = std::move(tls);
    out.ping_stanza = [domain] {
        auto iq = xmpp::make_iq(xmpp::iq_type::get, base::random_id(), domain);
        iq.add({"ping", std::string{xmpp::ns::ping}});
        return iq.to_xml();
    };
    out.login_failure_is_final = true;
    out.quick_ack = true;
    return out;
}

std::variant<credentials, std::string> read_credentials(const account& who) {
    auto self = xmpp::jid::parse(who.jid);
    if (!self)
        return "--jid " + base::printable(who.jid) + " is not an address: " + self.error().message();
    auto tls = make_tls_client_context(who.ca_file);
    if (!tls)
        return "cannot use the certificates of " + (who.ca_file.empty() ? "the system" : who.ca_file) +
               ": " + tls.error().message() + ". Check --ca-file.";
    return credentials{*std::move(self), *std::move(tls)};
}

std::string describe_login_failure(const std::string& trouble, const error_code& error,
                                   std::string_view bare_jid) {
    if (error != xmpp::errc::not_authorized) return trouble;
    return trouble + " The account is " + std::string{bare_jid} +
           "; its password comes from --password-file or CROSSTALK_PASSWORD.";
}

}  // namespace crosstalk::net
