// The presence that a peer shows.
#pragma once

#include <string_view>

#include "xmpp/presence.hpp"

namespace crosstalk::peer {

/// Present with what we can do; `to` may be "". Negative priority: messages to the owner are for other
/// clients.
[[nodiscard]] xmpp::element here(const xmpp::caps& caps, std::string_view to);

}  // namespace crosstalk::peer
