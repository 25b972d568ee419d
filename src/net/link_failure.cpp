// See link_failure.hpp.
#include "net/link_failure.hpp"

#include <boost/asio/error.hpp>

#include "net/error.hpp"
#include "net/tls.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::net {
namespace {

std::string advice_for(const link_failure& f) {
    if (is_certificate_error(f.error))
        return "The server's certificate must be valid for " + f.domain +
               ": name its authority with --ca-file, or have the server's certificate mended.";
    if (f.error == xmpp::errc::not_authorized)
        return "Check that the address is right and the password or secret the same on both sides.";
    if (f.error == xmpp::errc::host_unknown)
        return "Check the domain's spelling, and that the server is configured for it.";
    if (f.error == xmpp::errc::conflict)
        return "Someone else is connected under this name: stop the other one, or use another name.";
    if (f.error == xmpp::errc::tls_unavailable)
        return "The server offers no TLS: switch it on there, or use a server that has it.";
    if (f.error == xmpp::errc::no_mechanism)
        return "The server offers no login that this program accepts: SCRAM must be switched on there.";
    if (f.error == xmpp::errc::server_not_proven)
        return "The server does not know the password that it should know: it may be an impostor.";
    if (f.error == xmpp::errc::policy_violation)
        return "If it happens again, lower the stanza limit here or raise it on the server.";
    if (f.error == errc::service_not_offered)
        return "Name the server with --server HOST:PORT, or have the SRV record mended.";
    if (f.error == errc::name_not_found || f.error == errc::lookup_failed ||
        f.error == errc::lookup_timed_out)
        return "Check the name's spelling and this machine's network.";
    if (f.at == link_failure::stage::connect)
        return "Check that the server runs there and that no firewall is in between.";
    return {};
}

const char* what_failed(link_failure::stage at) {
    switch (at) {
        case link_failure::stage::lookup:
            return "cannot find the XMPP server";
        case link_failure::stage::connect:
            return "cannot connect to the XMPP server";
        case link_failure::stage::tls:
            return "no TLS with the XMPP server";
        case link_failure::stage::login:
            return "cannot log in to the XMPP server";
        case link_failure::stage::online:
            return "lost the XMPP server";
    }
    return "no XMPP server";
}

std::string reason_of(const link_failure& f) {
    if (f.error == boost::asio::error::eof) return "it closed the connection";
    std::string reason = f.error.message();
    if (!f.server_text.empty()) reason += " (" + f.server_text + ")";
    return reason;
}

bool concerns_configuration(const error_code& e) noexcept {
    return is_certificate_error(e) || e == xmpp::errc::host_unknown ||
           e == xmpp::errc::tls_unavailable || e == xmpp::errc::no_mechanism ||
           e == xmpp::errc::bad_jid || e == errc::tls_not_configured || e == errc::bad_dns_server;
}

}  // namespace

std::string describe(const link_failure& f) {
    std::string text = what_failed(f.at);
    if (!f.where.empty()) text += " " + f.where;
    if (!f.domain.empty()) text += " for " + f.domain;
    text += ": " + reason_of(f);
    const std::string advice = advice_for(f);
    if (!advice.empty()) text += ". " + advice;
    return text;
}

bool is_final(const link_failure& f, bool was_online) noexcept {
    if (f.error == xmpp::errc::not_authorized || f.error == xmpp::errc::server_not_proven) return true;
    return !was_online && concerns_configuration(f.error);
}

}  // namespace crosstalk::net
