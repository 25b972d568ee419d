// A gateway's question whether a contact of ours may see a site (docs/protocol.md, "Who may see a site").
//
// Rule: only configured gateways learn who is in the roster.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peer/roster.hpp"

namespace crosstalk::peer {

/// The answer to <admit/>; nothing when the stanza is something else.
[[nodiscard]] std::optional<xmpp::element> answer_admission(const xmpp::element& stanza,
                                                            const std::vector<std::string>& gateways,
                                                            const roster& contacts);

}  // namespace crosstalk::peer
