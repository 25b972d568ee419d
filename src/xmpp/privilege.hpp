// What a server lets a component see of its accounts (XEP-0356); of all that, rosters are what is asked for here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

/// A server's word on its users' rosters.
struct roster_grant {
    std::string domain;
    bool may_read = false;
};
/// The grant in a message; nothing unless the message is one, and from a server.
[[nodiscard]] std::optional<roster_grant> read_roster_grant(const element& stanza);

/// Asks the server of `owner`, a bare JID, for that roster.
[[nodiscard]] element ask_for_roster(std::string_view id, std::string_view owner);
/// Whether whose roster it is lets `contact`, a bare JID, see presence; nothing when there is no roster in it.
[[nodiscard]] std::optional<bool> shows_presence_to(const element& stanza, std::string_view contact);

}  // namespace crosstalk::xmpp
