// Entity capabilities (XEP-0115): what a peer can do, told in its presence by a hash.
//
// Rule: only a hash that verify() has accepted says anything about another JID with the same hash.
#pragma once

#include <optional>
#include <string>

#include "xmpp/disco.hpp"

namespace crosstalk::xmpp {

/// <c xmlns='http://jabber.org/protocol/caps'/>.
struct caps {
    std::string node, ver;
    std::string hash;  ///< "" in the form that was used before 2008
    bool operator==(const caps&) const = default;
};

/// The verification string's SHA-1 in base64 (section 5.1).
[[nodiscard]] std::string caps_ver(const disco_info& info);
/// Whether `info` is what the hash was made of, and well-formed (section 5.4); sha-1 only.
[[nodiscard]] bool verify(const caps& announced, const disco_info& info);

/// What presence tells of `info`.
[[nodiscard]] caps make_caps(std::string node, const disco_info& info);
[[nodiscard]] element to_element(const caps& announced);
/// The first <c/> of a presence.
[[nodiscard]] std::optional<caps> read_caps(const element& presence);

}  // namespace crosstalk::xmpp
