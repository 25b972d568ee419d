// A site: a public name bound to one bare JID.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace crosstalk::gateway {

struct site {
    std::string name;          ///< a DNS label in lower case
    std::string owner;         ///< bare JID, prepared
    bool fixed = false;        ///< bound by the operator's configuration, not by the registry
    std::int64_t created = 0;  ///< seconds since 1970; 0 when unknown
    bool operator==(const site&) const = default;
};

/// Whether `name` may name a site: 1 to 63 of [a-z0-9-], no hyphen at either end (RFC 1123, 2.1).
[[nodiscard]] bool is_site_name(std::string_view name) noexcept;
/// Whether it has hyphens where DNS keeps them for names in other scripts (RFC 5891, 4.2.3.1): what looks
/// like another name is nobody's to take.
[[nodiscard]] bool is_encoded_name(std::string_view name) noexcept;
/// Whether visitors would take the site for the operator's, or programs for a service of the domain.
[[nodiscard]] bool is_reserved_name(std::string_view name) noexcept;

}  // namespace crosstalk::gateway
