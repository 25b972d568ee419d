// Which of its owner's sites a resource serves, as its presence says (docs/protocol.md, 6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xmpp/element.hpp"

namespace crosstalk::talk {

/// <sites/> with these names; with none it says that the names are told elsewhere.
[[nodiscard]] xmpp::element to_served_sites(const std::vector<std::string>& names);
/// The names in a presence, 64 at most; nothing where it has no <sites/>.
[[nodiscard]] std::optional<std::vector<std::string>> read_served_sites(const xmpp::element& presence);

}  // namespace crosstalk::talk
