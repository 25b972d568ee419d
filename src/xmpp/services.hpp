// The small services that every entity owes: discovery, ping, version, time, last activity; as one pure
// function.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/disco.hpp"

namespace crosstalk::xmpp {

/// What an entity says of itself.
struct self_description {
    std::string name = "CrossTalk";
    std::string version;
    disco_info disco;
    std::string caps_node;  ///< of our <c/>: disco#info for `caps_node#ver` is answered too; "" when
                            ///< there is none
    std::vector<disco_item> items;
};

/// When the question came.
struct moment {
    std::chrono::system_clock::time_point now;
    std::chrono::seconds uptime{0};
};

/// The features that answer() stands for, to be put in self_description::disco.
[[nodiscard]] std::vector<std::string> service_features();

/// The answer to an iq get or set that nobody else has taken: a result, or service-unavailable, or what
/// fits better. Nothing for whatever is owed no answer (results, errors, messages, presence).
[[nodiscard]] std::optional<element> answer(const element& stanza, const self_description& self,
                                            const moment& when);

}  // namespace crosstalk::xmpp
