// Digests by OpenSSL. It fails here only for want of memory or of an algorithm: nothing that a caller
// could mend, so that is thrown.
#include "base/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>
#include <stdexcept>

namespace crosstalk::base {
namespace {

const EVP_MD* method(hash algorithm) { return algorithm == hash::sha1 ? EVP_sha1() : EVP_sha256(); }
std::size_t size_of(hash algorithm) { return algorithm == hash::sha1 ? 20 : 32; }

unsigned char* raw(std::string& s) { return reinterpret_cast<unsigned char*>(s.data()); }
const unsigned char* raw(std::string_view s) {
    return reinterpret_cast<const unsigned char*>(s.data());
}

int as_int(std::size_t n) {
    if (n > static_cast<std::size_t>(std::numeric_limits<int>::max()))
        throw std::length_error("more bytes or iterations than OpenSSL takes");
    return static_cast<int>(n);
}

void expect(bool succeeded) {
    if (!succeeded) throw std::runtime_error("OpenSSL could not compute a digest");
}

}  // namespace

std::string digest(hash algorithm, std::string_view bytes) {
    std::string out(size_of(algorithm), '\0');
    expect(EVP_Digest(bytes.data(), bytes.size(), raw(out), nullptr, method(algorithm), nullptr) == 1);
    return out;
}

std::string hmac(hash algorithm, std::string_view key, std::string_view bytes) {
    std::string out(size_of(algorithm), '\0');
    // A null key would mean "the key of last time" to OpenSSL.
    const char* const key_bytes = key.empty() ? "" : key.data();
    expect(HMAC(method(algorithm), key_bytes, as_int(key.size()), raw(bytes), bytes.size(), raw(out),
                nullptr) != nullptr);
    return out;
}

std::string pbkdf2(hash algorithm, std::string_view password, std::string_view salt,
                   unsigned iterations) {
    std::string out(size_of(algorithm), '\0');
    expect(PKCS5_PBKDF2_HMAC(password.data(), as_int(password.size()), raw(salt), as_int(salt.size()),
                             as_int(iterations), method(algorithm), as_int(out.size()), raw(out)) == 1);
    return out;
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char const c : bytes) {
        auto const byte = static_cast<unsigned char>(c);
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 15]);
    }
    return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace crosstalk::base
