// What the operator reads when the component does not attach.
#include "gateway/attachment.hpp"

#include "xmpp/error.hpp"

namespace crosstalk::gateway {

link_trouble trouble_of(const error_code& error, const settings& s) {
    const auto& domain = s.component.domain;
    const auto server = s.component.host + ':' + std::to_string(s.component.port);
    if (error == xmpp::errc::conflict) {
        return {true, "another program is connected to " + server + " as " + domain +
                          ": stop it, or give this gateway a domain of its own (component.domain in " +
                          s.file + ")"};
    }
    if (error == xmpp::errc::not_authorized) {
        return {true,
                "the server refuses the secret, or (ejabberd says the same then) has no component " +
                    domain +
                    ": make component.secret (or the file that component.secret_file names) in " +
                    s.file + " the same as the secret that the server has for " + domain};
    }
    if (error == xmpp::errc::host_unknown) {
        return {true, "the server at " + server + " knows no component " + domain +
                          ": add it to the server's configuration, or correct component.domain in " +
                          s.file};
    }
    if (error == xmpp::errc::system_shutdown || error == xmpp::errc::stream_closed) {
        return {false, "the server at " + server + " has ended the connection: it is tried again"};
    }
    return {false, "see to it that the XMPP server runs and takes components at " + server +
                       " (component.server in " + s.file + "): it is tried again"};
}

std::string namesake_advice(const settings& s) {
    const auto server = s.component.host + ':' + std::to_string(s.component.port);
    return "another program is connected to " + server + " as " + s.component.domain +
           ", and the server gives a part of our stanzas to it, so that requests are left without an "
           "answer: stop it, or give this gateway a domain of its own (component.domain in " +
           s.file + ")";
}

bool is_loopback(const std::string& host) {
    return host == "localhost" || host == "::1" || host == "[::1]" || host.starts_with("127.");
}

}  // namespace crosstalk::gateway
