// The host under which a browser here finds a peer: romeo-at-montague-example.localhost is that of
// romeo@montague.example.
//
// Rule 1: one label below localhost. Browsers take each of those for a site of its own, so that no
//         peer's page can set or send the cookies of another; with dots between, they would share them.
// Rule 2: one host for each address, and one address for each host: anything else is nobody's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::visit {

/// In the user's part letters and digits stay, and each other byte is a hyphen with two hexadecimal
/// digits. In the domain, as DNS has it, a dot is a hyphen and a hyphen two. Nothing for an address
/// without a user, with a resource, whose domain is no DNS name, or that makes more than the 63 bytes
/// that browsers look up.
[[nodiscard]] std::optional<std::string> host_of_peer(std::string_view bare);

/// The bare JID whose host this is; `host` is in lower case, a dot at its end does not matter.
[[nodiscard]] std::optional<std::string> peer_of_host(std::string_view host);

}  // namespace crosstalk::visit
