// TLS contexts with this project's defaults: TLS 1.2 and newer, no renegotiation; clients check
// certificates, servers ask for none.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "crosstalk/error.hpp"

namespace crosstalk::net {

struct tls_client_context {
    std::shared_ptr<boost::asio::ssl::context> ssl;
};

/// Trusts `ca_file`, or the system's store (and SSL_CERT_FILE) when it is "".
/// Fails when the file cannot be read or holds no certificate.
[[nodiscard]] result<tls_client_context> make_tls_client_context(const std::string& ca_file);

/// To be kept for as long as a handshake lasts that was begun with it.
struct tls_server_context {
    std::shared_ptr<boost::asio::ssl::context> ssl;
};

/// Both in PEM: the server's own certificate, then those that lead from it to an authority; its private
/// key. ALPN gets "h2" where it is offered and `http2` wanted, else "http/1.1"; a client that offers
/// only others is refused. Fails with errc::bad_certificate, bad_key, encrypted_key or key_mismatch.
[[nodiscard]] result<tls_server_context> make_tls_server_context(const std::string& certificate,
                                                                 const std::string& key,
                                                                 bool http2 = false);

/// One that answers with the first of them whose certificate is for the host that the client names
/// (SNI; RFC 6066, 3), and with the very first where none is, or no host is named. `all` is not empty.
[[nodiscard]] tls_server_context choose_by_host(const std::vector<tls_server_context>& all);

/// Whether accept_tls failed because the client speaks HTTP in the clear.
[[nodiscard]] bool is_plain_http(const error_code& error) noexcept;

/// Whether an error of start_tls means that the certificate is not to be trusted, and OpenSSL's text
/// for it.
[[nodiscard]] bool is_certificate_error(const error_code& error) noexcept;

}  // namespace crosstalk::net
