// TLS contexts and what their failures mean.
#include "net/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <string_view>

#include "net/error.hpp"
#include "net/tls_engine.hpp"

namespace crosstalk::net {
namespace {

// Of TLS 1.3, all of which are sound: the client chooses, and the first is the fastest by a quarter.
constexpr const char* suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
/// TLS 1.2 with forward secrecy and authenticated encryption only; TLS 1.3 has nothing else.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

bool set_up(SSL_CTX* context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // What OpenSSL keeps per connection is two records; an idle connection needs neither.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(context, suites) == 1;
}

int refuse_passphrase(char*, int, int, void* was_asked) {
    *static_cast<bool*>(was_asked) = true;
    return -1;
}

struct freeing {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
};

error_code use_key(SSL_CTX* context, const std::string& pem) {
    const std::unique_ptr<BIO, freeing> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    bool is_encrypted = false;
    const std::unique_ptr<EVP_PKEY, freeing> key(
        PEM_read_bio_PrivateKey(text.get(), nullptr, refuse_passphrase, &is_encrypted));
    if (is_encrypted) return make_error_code(errc::encrypted_key);
    if (!key) return make_error_code(errc::bad_key);
    if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1)
        return make_error_code(errc::key_mismatch);
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1) return make_error_code(errc::bad_key);
    return {};
}

/// Whether a client's list of protocols has this one; `chosen` and `size` are then set to it.
bool choose(std::string_view ours, std::string_view offered, const unsigned char** chosen,
            unsigned char* size) {
    while (!offered.empty()) {
        const auto name = offered.substr(1, static_cast<unsigned char>(offered.front()));
        offered.remove_prefix(1 + name.size());
        if (name != ours) continue;
        *chosen = reinterpret_cast<const unsigned char*>(name.data());
        *size = static_cast<unsigned char>(name.size());
        return true;
    }
    return false;
}

/// RFC 7301, 3.2: a client that offers protocols, and not ours, is told so.
int choose_http1(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                 unsigned offered_size, void*) {
    const std::string_view list(reinterpret_cast<const char*>(offered), offered_size);
    return choose("http/1.1", list, chosen, size) ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int choose_http2(SSL* ssl, const unsigned char** chosen, unsigned char* size,
                 const unsigned char* offered, unsigned offered_size, void* unused) {
    const std::string_view list(reinterpret_cast<const char*>(offered), offered_size);
    if (choose("h2", list, chosen, size)) return SSL_TLSEXT_ERR_OK;
    return choose_http1(ssl, chosen, size, offered, offered_size, unused);
}

/// A context that knows others beside it.
class context_family : public boost::asio::ssl::context {
  public:
    context_family(context&& first, std::vector<tls_server_context> others)
        : context(std::move(first)), others_(std::move(others)) {
        SSL_CTX_set_tlsext_servername_callback(native_handle(), &choose);
        SSL_CTX_set_tlsext_servername_arg(native_handle(), this);
    }

  private:
    static bool is_for(SSL_CTX* context, std::string_view host) {
        X509* const own = SSL_CTX_get0_certificate(context);
        return own != nullptr && X509_check_host(own, host.data(), host.size(), 0, nullptr) == 1;
    }

    static int choose(SSL* ssl, int*, void* family) {
        const char* const name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
        const std::string_view host(name);
        const auto& self = *static_cast<context_family*>(family);
        if (is_for(SSL_get_SSL_CTX(ssl), host)) return SSL_TLSEXT_ERR_OK;
        for (const auto& each : self.others_) {
            if (!is_for(each.ssl->native_handle(), host)) continue;
            SSL_set_SSL_CTX(ssl, each.ssl->native_handle());
            break;
        }
        return SSL_TLSEXT_ERR_OK;
    }

    std::vector<tls_server_context> others_;
};

}  // namespace

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
    if (!set_up(raw))
        return error_code(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    return tls_client_context{std::move(ssl)};
}

result<tls_server_context> make_tls_server_context(const std::string& certificate,
                                                   const std::string& key, bool http2) {
    ERR_clear_error();
    auto ssl = std::make_shared<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
    SSL_CTX* const raw = ssl->native_handle();
    if (!set_up(raw) || SSL_CTX_set_cipher_list(raw, ciphers) != 1)
        return error_code(static_cast<int>(ERR_get_error()), boost::asio::error::get_ssl_category());
    error_code ec;
    ssl->use_certificate_chain(boost::asio::buffer(certificate), ec);
    if (ec) return make_error_code(errc::bad_certificate);
    ec = use_key(raw, key);
    ERR_clear_error();
    if (ec) return ec;
    // Tickets are enough to resume a session: none is kept here.
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(raw, http2 ? choose_http2 : choose_http1, nullptr);
    return tls_server_context{std::move(ssl)};
}

tls_server_context choose_by_host(const std::vector<tls_server_context>& all) {
    if (all.size() == 1) return all.front();
    SSL_CTX* const first = all.front().ssl->native_handle();
    SSL_CTX_up_ref(first);
    return {std::make_shared<context_family>(boost::asio::ssl::context(first),
                                             std::vector(all.begin() + 1, all.end()))};
}

bool is_plain_http(const error_code& error) noexcept {
    if (error.category() != boost::asio::error::get_ssl_category()) return false;
    const auto value = static_cast<unsigned long>(error.value());
    return ERR_GET_LIB(value) == ERR_LIB_SSL && ERR_GET_REASON(value) == SSL_R_HTTP_REQUEST;
}

bool is_certificate_error(const error_code& error) noexcept {
    return error.category() == certificate_category();
}

}  // namespace crosstalk::net
