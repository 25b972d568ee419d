// TLS contexts with this project's defaults: TLS 1.2 and newer, certificates checked.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

#include "crosstalk/error.hpp"

namespace crosstalk::net {

struct tls_client_context {
    std::shared_ptr<boost::asio::ssl::context> ssl;
};

/// Trusts `ca_file`, or the system's store (and SSL_CERT_FILE) when it is "".
/// Fails when the file cannot be read or holds no certificate.
[[nodiscard]] result<tls_client_context> make_tls_client_context(const std::string& ca_file);

/// Whether an error of start_tls means that the certificate is not to be trusted, and OpenSSL's text for it.
[[nodiscard]] bool is_certificate_error(const error_code& error) noexcept;

}  // namespace crosstalk::net
