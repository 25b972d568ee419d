// Where something lies that a peer publishes, as people write it:
//
//   httpx://romeo@montague.example/page?q=1        of whichever resource answers
//   httpx://romeo@montague.example%2Flaptop/page   of that resource: the authority is a JID, encoded
//   xmpp:romeo@montague.example[/laptop]           the front page (RFC 5122: what follows a slash is
//   the
//                                                  resource, never a path)
//   xmpp:romeo@montague.example?http;path=/page%3Fq=1
//
// Rule 1: what is not exactly one of these is refused, with words for whoever typed it.
// Rule 2: the target is ready for a request: bytes that a target may not hold are encoded; what is
//         encoded already stays as it is; a fragment is left out.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::talk {

struct peer_uri {
    std::string bare;      ///< prepared
    std::string resource;  ///< "" = any
    std::string target;    ///< origin-form
    bool operator==(const peer_uri&) const = default;
};

/// Nothing when `text` is none; `problem` then says what is wrong with it.
[[nodiscard]] std::optional<peer_uri> parse_peer_uri(std::string_view text, std::string& problem);

/// httpx://JID/ for a bare JID.
[[nodiscard]] std::string to_uri(std::string_view bare);

}  // namespace crosstalk::talk
