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

/// To a full JID, which answers with a result or an error.
[[nodiscard]] element ask_to_confirm(std::string_view iq_id, std::string_view to, std::string_view from,
                                     const http_request& what);
/// To a bare JID: a message with a body for clients that know nothing of this. Servers neither store nor
/// copy it.
[[nodiscard]] element ask_to_confirm_by_message(std::string_view to, std::string_view from,
                                                const http_request& what, std::string_view body);

struct confirm_answer {
    std::string from;
    std::string id;  ///< of the request; of the iq when the answer is one that does not repeat it
    bool is_confirmed = false;
};
/// The answer of a client that knows XEP-0070: a result, an error, or a message with <confirm/>.
[[nodiscard]] std::optional<confirm_answer> read_confirm_answer(const element& stanza);

}  // namespace crosstalk::xmpp
