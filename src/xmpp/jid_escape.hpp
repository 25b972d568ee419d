// Addresses with characters that a node may not have (XEP-0106), as a person reads them.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::xmpp {

/// The address with \20-like escapes of its node undone, for texts alone: never to be read back. Only those
/// of ", & and ' are: any other would make one address look like another, or like markup.
[[nodiscard]] std::string for_display(std::string_view address);

}  // namespace crosstalk::xmpp
