// Asking somebody's own client whether a request by HTTP is theirs (XEP-0070), as values.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

/// What is to be confirmed. `id` is what the person sees in both places.
struct http_request {
    std::string id, method, url;
};

/// To a bare JID: a message with a body for clients that know nothing of this. Servers neither store nor
/// copy it.
[[nodiscard]] element ask_to_confirm(std::string_view to, std::string_view from,
                                     const http_request& what, std::string_view body);

struct confirm_answer {
    std::string from;
    std::string id;  ///< of the request
    bool is_confirmed = false;
};
/// The answer of a client that knows XEP-0070: a message with <confirm/>, of type error and not-authorized when
/// it is no. Any other error comes from a server on the way, and is no answer.
[[nodiscard]] std::optional<confirm_answer> read_confirm_answer(const element& stanza);

}  // namespace crosstalk::xmpp
