// What goes wrong on the way to a connection, beside what Asio itself reports.
#pragma once

#include "crosstalk/error.hpp"

namespace crosstalk::net {

enum class errc {
    bad_address = 1,      ///< not "ADDRESS:PORT", "[ADDRESS]:PORT" or "unix:PATH"
    name_not_found,       ///< the name has no address
    service_not_offered,  ///< the domain says in DNS that it offers no such service
    lookup_failed,        ///< no DNS server could be asked, or it answered with an error
    lookup_timed_out,     ///< no DNS server answered
    bad_dns_server,       ///< a configured DNS server is not ADDRESS or ADDRESS:PORT
    half_open,            ///< nothing came any more, and a ping went unanswered
    login_timed_out,      ///< connected, but not logged in within the time allowed
    tls_not_configured,   ///< TLS was asked for, and the settings have no certificates to check with
    bad_certificate,      ///< not a chain of PEM certificates, or one that OpenSSL refuses to use
    bad_key,              ///< not a private key in PEM
    encrypted_key,        ///< a private key with a passphrase
    key_mismatch,         ///< a private key of another certificate
};

[[nodiscard]] error_code make_error_code(errc e) noexcept;

}  // namespace crosstalk::net

template <>
struct boost::system::is_error_code_enum<crosstalk::net::errc> : std::true_type {};
