// The cookie by which a visitor is known to one site: signed, so that the gateway need not remember it.
//
// Rule 1: it is good for one site and until it expires, and says nothing anywhere else.
// Rule 2: no clock: `now`, in seconds since 1970, is an argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::gateway {

struct visitor_session {
    std::string id;    ///< unguessable; by it one session is ended
    std::string site;  ///< its name
    std::string jid;   ///< bare, prepared
    std::int64_t expires = 0;
    bool operator==(const visitor_session&) const = default;
};

/// The cookie's value, of characters that cookies may have.
[[nodiscard]] std::string sign(const visitor_session& session, std::string_view key);
/// What it says; nothing when it was not signed with `key`, is another site's, or has expired.
[[nodiscard]] std::optional<visitor_session> verify(std::string_view value, std::string_view site,
                                                    std::string_view key, std::int64_t now);

}  // namespace crosstalk::gateway
