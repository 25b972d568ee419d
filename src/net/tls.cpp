// TLS contexts and what their failures mean.
#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/ssl/error.hpp>

#include "net/tls_engine.hpp"

namespace crosstalk::net {

result<tls_client_context> make_tls_client_context(const std::string& ca_file) {
    error_code ec;
    auto ssl = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client);
    if (ca_file.empty()) {
        ssl->set_default_verify_paths(ec);
    } else {
        ssl->load_verify_file(ca_file, ec);
    }
    if (ec) return ec;
    SSL_CTX* const raw = ssl->native_handle();
    if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1)
        return error_code(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    return tls_client_context{std::move(ssl)};
}

bool is_certificate_error(const error_code& error) noexcept {
    return error.category() == certificate_category();
}

}  // namespace crosstalk::net
