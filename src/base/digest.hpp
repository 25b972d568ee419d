// Digests and key derivation, as values (OpenSSL underneath).
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::base {

enum class hash { sha1, sha256 };

/// The raw digest of `bytes` (20 or 32 bytes).
[[nodiscard]] std::string digest(hash algorithm, std::string_view bytes);
/// HMAC (RFC 2104), raw.
[[nodiscard]] std::string hmac(hash algorithm, std::string_view key, std::string_view bytes);
/// PBKDF2 with HMAC (RFC 8018): Hi() of SCRAM (RFC 5802, 2.2), as long as one digest.
[[nodiscard]] std::string pbkdf2(hash algorithm, std::string_view password, std::string_view salt,
                                 unsigned iterations);
/// Lower-case hexadecimal.
[[nodiscard]] std::string to_hex(std::string_view bytes);
/// Comparison whose time does not tell where the difference is.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b) noexcept;

}  // namespace crosstalk::base
