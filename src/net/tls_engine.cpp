// See tls_engine.hpp.
#include "net/tls_engine.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cstring>
#include <limits>

namespace crosstalk::net {
namespace {

class certificate_errors final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "crosstalk.certificate"; }
    std::string message(int value) const override { return X509_verify_cert_error_string(value); }
};

error_code openssl_error() {
    const auto value = ERR_get_error();
    if (value == 0) return boost::asio::error::eof;
    return {static_cast<int>(value), boost::asio::error::get_ssl_category()};
}

bool is_address(const std::string& name) {
    std::array<unsigned char, sizeof(in6_addr)> raw{};
    return inet_pton(AF_INET, name.c_str(), raw.data()) == 1 ||
           inet_pton(AF_INET6, name.c_str(), raw.data()) == 1;
}

/// RFC 5929, 4.1: the hash of the certificate's signature, but SHA-256 in place of MD5 and SHA-1.
std::string end_point_of(X509* certificate) {
    int hash = NID_undef;
    if (X509_get_signature_info(certificate, &hash, nullptr, nullptr, nullptr) != 1) return {};
    if (hash == NID_md5 || hash == NID_sha1) hash = NID_sha256;
    const EVP_MD* const algorithm = EVP_get_digestbynid(hash);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (algorithm == nullptr || X509_digest(certificate, algorithm, digest.data(), &size) != 1)
        return {};
    return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

const boost::system::error_category& certificate_category() noexcept {
    static const certificate_errors category;
    return category;
}

void tls_engine::freeing::operator()(SSL* ssl) const noexcept { SSL_free(ssl); }

tls_engine::tls_engine(SSL_CTX* context) : ssl_(SSL_new(context)) {}

tls_engine::~tls_engine() = default;

result<std::unique_ptr<tls_engine>> tls_engine::make(SSL_CTX* context) {
    ERR_clear_error();
    std::unique_ptr<tls_engine> engine(new tls_engine(context));
    BIO* const bio = engine->ssl_ && transport() != nullptr ? BIO_new(transport()) : nullptr;
    if (bio == nullptr) return openssl_error();
    BIO_set_data(bio, engine.get());
    BIO_set_init(bio, 1);
    SSL_set_bio(engine->ssl_.get(), bio, bio);
    return engine;
}

result<std::unique_ptr<tls_engine>> tls_engine::client(SSL_CTX* context, const std::string& name,
                                                       std::string_view alpn) {
    auto engine = make(context);
    if (!engine) return engine;
    SSL_set_connect_state((*engine)->ssl_.get());
    if (!(*engine)->expect_name(name) || !(*engine)->offer(alpn)) return openssl_error();
    return engine;
}

result<std::unique_ptr<tls_engine>> tls_engine::server(SSL_CTX* context) {
    auto engine = make(context);
    if (engine) SSL_set_accept_state((*engine)->ssl_.get());
    return engine;
}

bool tls_engine::expect_name(const std::string& name) {
    X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl_.get());
    if (is_address(name)) return X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(expected, name.data(), name.size()) == 1 &&
           SSL_set_tlsext_host_name(ssl_.get(), name.c_str()) == 1;
}

bool tls_engine::offer(std::string_view alpn) {
    if (alpn.empty() || alpn.size() > 255) return alpn.empty();
    std::string list(1, static_cast<char>(alpn.size()));
    list += alpn;
    return SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                               static_cast<unsigned>(list.size())) == 0;
}

result<tls_engine::progress> tls_engine::handshake() {
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) return progress::done;
    if (SSL_get_error(ssl_.get(), returned) == SSL_ERROR_WANT_READ) return progress::needs_input;
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK) return error_code(static_cast<int>(verdict), certificate_category());
    return failure(returned);
}

result<std::size_t> tls_engine::read(void* into, std::size_t size) {
    ERR_clear_error();
    std::size_t total = 0;
    int returned = 0;
    do {
        std::size_t taken = 0;
        returned = SSL_read_ex(ssl_.get(), static_cast<char*>(into) + total, size - total, &taken);
        total += taken;
    } while (returned == 1 && total < size && has_input());
    is_over_ = returned != 1 && SSL_get_error(ssl_.get(), returned) != SSL_ERROR_WANT_READ;
    // What has ended this reading ends the next one too.
    if (total > 0 || !is_over_) return total;
    return failure(returned);
}

result<void> tls_engine::write(std::string_view bytes) {
    while (!bytes.empty()) {
        ERR_clear_error();
        std::size_t sealed = 0;
        const int returned = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sealed);
        if (returned != 1) return failure(returned);
        bytes.remove_prefix(sealed);
    }
    return {};
}

error_code tls_engine::failure(int returned) const {
    if (SSL_get_error(ssl_.get(), returned) == SSL_ERROR_ZERO_RETURN) return boost::asio::error::eof;
    return openssl_error();
}

void tls_engine::close_notify() {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
}

std::span<char> tls_engine::input_space() {
    if (begin_ == end_) {
        begin_ = end_ = 0;
        if (size_ != next_size_) input_.reset();
        size_ = next_size_;
        if (!input_) input_ = std::make_unique_for_overwrite<char[]>(size_);
    }
    return {input_.get() + end_, size_ - end_};
}

bool tls_engine::has_input() const noexcept {
    return is_over_ || begin_ != end_ || SSL_has_pending(ssl_.get()) == 1;
}

void tls_engine::forget_input_space() noexcept {
    if (begin_ == end_) input_.reset();
}

void tls_engine::fed(std::size_t size) noexcept {
    end_ += size;
    if (end_ == size_) {
        next_size_ = most_input;
    } else if (size < least_input) {
        next_size_ = least_input;
    }
}

std::string_view tls_engine::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &size);
    return {reinterpret_cast<const char*>(name), size};
}

xmpp::tls_facts tls_engine::facts() const {
    xmpp::tls_facts facts;
    if (SSL_version(ssl_.get()) == TLS1_3_VERSION) {
        constexpr std::string_view label = "EXPORTER-Channel-Binding";
        std::array<unsigned char, 32> secret{};
        if (SSL_export_keying_material(ssl_.get(), secret.data(), secret.size(), label.data(),
                                       label.size(), nullptr, 0, 1) == 1)
            facts.exporter.assign(reinterpret_cast<const char*>(secret.data()), secret.size());
    } else if (SSL_session_reused(ssl_.get()) == 0) {
        // The first Finished message of the handshake: the client's, as nothing is resumed.
        std::array<unsigned char, 64> finished{};
        const std::size_t size = SSL_get_finished(ssl_.get(), finished.data(), finished.size());
        facts.unique.assign(reinterpret_cast<const char*>(finished.data()),
                            std::min(size, finished.size()));
    }
    if (X509* const certificate = SSL_get0_peer_certificate(ssl_.get()); certificate != nullptr)
        facts.end_point = end_point_of(certificate);
    return facts;
}

const BIO_METHOD* tls_engine::transport() {
    static const BIO_METHOD* const method = [] {
        BIO_METHOD* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "crosstalk");
        if (m == nullptr) return m;
        BIO_meth_set_read(m, &tls_engine::take);
        BIO_meth_set_write(m, &tls_engine::put);
        BIO_meth_set_ctrl(m, &tls_engine::control);
        return m;
    }();
    return method;
}

int tls_engine::take(BIO* bio, char* into, int size) {
    auto& engine = *static_cast<tls_engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t there = engine.end_ - engine.begin_;
    if (there == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    const std::size_t taken = std::min(there, static_cast<std::size_t>(std::max(size, 0)));
    std::memcpy(into, engine.input_.get() + engine.begin_, taken);
    engine.begin_ += taken;
    return static_cast<int>(taken);
}

int tls_engine::put(BIO* bio, const char* bytes, int size) {
    auto& engine = *static_cast<tls_engine*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    engine.output_.append(bytes, static_cast<std::size_t>(std::max(size, 0)));
    return size;
}

long tls_engine::control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace crosstalk::net
