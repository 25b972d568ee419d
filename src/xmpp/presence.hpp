// Presence stanzas as values (RFC 6121, 4.7).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/caps.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

enum class presence_type {
    available,
    unavailable,
    subscribe,
    subscribed,
    unsubscribe,
    unsubscribed,
    probe,
    error
};

struct presence {
    presence_type type = presence_type::available;
    std::string from, to, id;
    int priority = 0;  ///< -128 to 127
    std::optional<xmpp::caps> caps;
    std::optional<stanza_error> error;  ///< beside type error
};

/// Nothing when it is no presence, or of a type that RFC 6121 does not know.
[[nodiscard]] std::optional<presence> read_presence(const element& stanza);

/// `to` and `from` are left out when they are "".
[[nodiscard]] element make_presence(presence_type type, std::string_view to = {},
                                    std::string_view from = {});
/// Available, with caps.
[[nodiscard]] element make_available(const caps& announced, std::string_view to = {},
                                     std::string_view from = {});

}  // namespace crosstalk::xmpp
