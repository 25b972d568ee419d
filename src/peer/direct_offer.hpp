// A gateway's offer of a direct stream, read with suspicion: where a peer may be sent, and where not.
//
// Rule 1: the path is the reserved one, the scheme is wss; ws only to this machine.
// Rule 2: the host is the gateway's domain, its parent domain, or a name under either. The parent
// counts if it has two labels or more. Other hosts have to be in the configuration.
// Rule 3: this machine counts only where the peer's XMPP server is on this machine too: no gateway
//         elsewhere makes a peer knock at its own doors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/websocket_client.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::peer {

struct direct_rules {
    std::string gateway;             ///< its domain
    std::vector<std::string> hosts;  ///< allowed besides
    bool may_be_here = false;        ///< whether this machine is allowed
};

/// Where to connect, with the token; nothing, and `problem` set, when the offer cannot be taken.
/// `offer` is the <direct/> of the gateway's result.
[[nodiscard]] std::optional<net::websocket_place> read_direct_offer(const xmpp::element& offer,
                                                                    const direct_rules& rules,
                                                                    std::string& problem);

}  // namespace crosstalk::peer
