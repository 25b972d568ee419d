// What a gateway has said or not said, in words for the person who publishes.
#pragma once

#include <string>

#include "peer/gateway_contacts.hpp"

namespace crosstalk::peer {

/// `name`: the site that is wanted, "" = any; `own_bare`: whose it is to be. "" for site_up.
[[nodiscard]] std::string describe(const contact_event& event, const std::string& name,
                                   const std::string& own_bare);

}  // namespace crosstalk::peer
