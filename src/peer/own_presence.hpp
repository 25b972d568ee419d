// The presence that a peer shows.
#pragma once

#include <string_view>

#include "xmpp/presence.hpp"

namespace crosstalk::peer {

struct own_presence {
    xmpp::caps caps;  ///< what we can do
    /// Below that of others, if they are to be asked first. Negative: messages to the owner are for
    /// other clients.
    int priority = -1;

    /// Available; `to` may be "".
    [[nodiscard]] xmpp::element to(std::string_view to) const;
};

}  // namespace crosstalk::peer
