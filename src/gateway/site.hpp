// A site: a public name, whose it is, and who may see it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::gateway {

/// Who may see a site. Its owner always may, and so may its guests.
enum class visibility : std::uint8_t {
    everybody,  ///< "public"
    roster,     ///< "roster": the owner's contacts
    listed,     ///< "listed": guests alone
};
[[nodiscard]] std::string_view to_text(visibility v) noexcept;
[[nodiscard]] std::optional<visibility> parse_visibility(std::string_view text) noexcept;

struct site {
    std::string name;          ///< a DNS label in lower case
    std::string owner;         ///< bare JID, prepared
    bool fixed = false;        ///< bound by the operator's configuration, not by the registry
    std::int64_t created = 0;  ///< seconds since 1970; 0 when unknown
    visibility seen_by = visibility::everybody;
    bool suspended = false;                ///< by the operator: it stays its owner's, and nobody sees it
    std::vector<std::string> guests = {};  ///< bare JIDs and domains, prepared, sorted
    std::vector<std::string> hosts = {};   ///< names of its own beside the gateway's, proven, sorted
    bool operator==(const site&) const = default;
};

/// Whether a bare JID, or everybody of its domain, is a guest of the site, or is its owner.
[[nodiscard]] bool is_invited(const site& s, std::string_view bare) noexcept;

/// Whether a site may have `host` for its own: a name of two labels or more in the DNS, lower case, which is
/// neither `base`, the gateway's, nor below that.
[[nodiscard]] bool is_own_host(std::string_view host, std::string_view base) noexcept;
/// Whether `name` may name a site: 1 to 63 of [a-z0-9-], no hyphen at either end (RFC 1123, 2.1).
[[nodiscard]] bool is_site_name(std::string_view name) noexcept;
/// Whether it has hyphens where DNS keeps them for names in other scripts (RFC 5891, 4.2.3.1): what looks
/// like another name is nobody's to take.
[[nodiscard]] bool is_encoded_name(std::string_view name) noexcept;
/// Whether visitors would take the site for the operator's, or programs for a service of the domain.
[[nodiscard]] bool is_reserved_name(std::string_view name) noexcept;

}  // namespace crosstalk::gateway
