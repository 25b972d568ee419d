// What ends an XMPP stream or refuses a login.
#pragma once

#include <string_view>

#include "crosstalk/error.hpp"

namespace crosstalk::xmpp {

enum class errc {
    malformed_xml = 1,   ///< not well-formed, or what RFC 6120, 11.1 restricts
    stanza_too_large,    ///< the other side sent more than our limit
    conflict,            ///< <conflict/>: someone else is connected under this name
    not_authorized,      ///< wrong secret or password
    host_unknown,        ///< the server does not serve this domain
    policy_violation,    ///< <policy-violation/>: too large a stanza, as a rule
    system_shutdown,     ///< the server is going down
    stream_error,        ///< any other stream error
    tls_unavailable,     ///< the server offers no STARTTLS, and we insist on TLS
    no_mechanism,        ///< no SASL mechanism in common
    server_not_proven,   ///< the server's SCRAM signature is wrong: an impostor
    bind_refused,        ///< resource binding failed
    bad_jid,             ///< not an address
    stream_closed,       ///< the other side closed its stream in order
    too_many_queued,     ///< the bounded send queue is full
    not_online,          ///< the login is not done, so nothing can be sent yet
    login_out_of_order,  ///< the server's answer does not belong to this step of the login
    try_later,           ///< the server cannot check the login now, or cannot serve it now
};

/// What a stream error's condition (RFC 6120, 4.9.3) means, e.g. "conflict".
[[nodiscard]] errc stream_condition(std::string_view condition) noexcept;
/// What a SASL failure's condition (RFC 6120, 6.5) means, e.g. "not-authorized".
[[nodiscard]] errc sasl_condition(std::string_view condition) noexcept;

[[nodiscard]] error_code make_error_code(errc e) noexcept;

}  // namespace crosstalk::xmpp

template <>
struct boost::system::is_error_code_enum<crosstalk::xmpp::errc> : std::true_type {};
