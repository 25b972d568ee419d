// See certificate.hpp.
#include "certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace crosstalk::net::test {
namespace {

void must(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "the test's certificate: %s failed\n", what);
    std::abort();
}

void extend(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    must(extension != nullptr, "an extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// What has been written to a memory BIO, which is freed.
std::string text_of(BIO* bio) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(bio, &start);
    std::string text(start, static_cast<std::size_t>(size));
    BIO_free(bio);
    return text;
}

}  // namespace

certificate::certificate(const std::string& names)
    : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    must(key_ != nullptr && certificate_ != nullptr, "a key");
    X509_set_version(certificate_, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 24L * 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* const subject = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate_, subject);
    extend(certificate_, NID_basic_constraints, "critical,CA:TRUE");
    extend(certificate_, NID_subject_alt_name, names);
    must(X509_sign(certificate_, key_, EVP_sha256()) != 0, "signing");

    std::string form = "/tmp/crosstalk-net-XXXXXX";
    const int fd = ::mkstemp(form.data());
    must(fd >= 0, "a file");
    FILE* const out = ::fdopen(fd, "w");
    PEM_write_X509(out, certificate_);
    std::fclose(out);
    file_ = form;
}

certificate::~certificate() {
    ::unlink(file_.c_str());
    X509_free(certificate_);
    EVP_PKEY_free(key_);
}

std::string certificate::pem() const {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(bio, certificate_);
    return text_of(bio);
}

std::string certificate::key_pem(const std::string& passphrase) const {
    BIO* const bio = BIO_new(BIO_s_mem());
    const EVP_CIPHER* const cipher = passphrase.empty() ? nullptr : EVP_aes_128_cbc();
    must(PEM_write_bio_PrivateKey(bio, key_, cipher,
                                  reinterpret_cast<const unsigned char*>(passphrase.data()),
                                  static_cast<int>(passphrase.size()), nullptr, nullptr) == 1,
         "the key as PEM");
    return text_of(bio);
}

std::string certificate::sha256() const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    X509_digest(certificate_, EVP_sha256(), digest.data(), &size);
    return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace crosstalk::net::test
