// Certificates for tests, made on the spot.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <string>

namespace crosstalk::net::test {

/// A self-signed certificate, which is its own authority.
class certificate {
  public:
    /// `names` as OpenSSL writes them: "DNS:example.org,IP:127.0.0.1".
    explicit certificate(const std::string& names);
    certificate(const certificate&) = delete;
    certificate& operator=(const certificate&) = delete;
    ~certificate();

    [[nodiscard]] X509* get() const { return certificate_; }
    [[nodiscard]] EVP_PKEY* key() const { return key_; }
    [[nodiscard]] const std::string& file() const { return file_; }  ///< PEM
    [[nodiscard]] std::string pem() const;
    /// Encrypted where a passphrase is given.
    [[nodiscard]] std::string key_pem(const std::string& passphrase = "") const;
    [[nodiscard]] std::string sha256() const;

  private:
    EVP_PKEY* key_ = nullptr;
    X509* certificate_ = nullptr;
    std::string file_;
};

}  // namespace crosstalk::net::test
