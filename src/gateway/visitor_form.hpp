// What visitors' forms hold (the URL Standard, 5.1): read within bounds, and an address understood as people type it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_stream.hpp"

namespace crosstalk::gateway {

using form_values = std::map<std::string, std::string>;

/// `name=value&…`, decoded; of a name that comes twice, the first.
[[nodiscard]] form_values read_form(std::string_view text);
/// The request's body as a form; empty when it is larger than any form of ours, or not to be read.
[[nodiscard]] net::awaitable<form_values> receive_form(net::http_stream& connection);
/// "xmpp:You@Example.org ", or a full JID, as a bare JID; nothing when it is none with a local part.
[[nodiscard]] std::optional<std::string> read_address(std::string_view typed);

}  // namespace crosstalk::gateway
