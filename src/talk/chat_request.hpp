// A request object as it was written in 2008, as it is written now.
#pragma once

#include "crosstalk/environ.hpp"

namespace crosstalk::talk {

/// Variables that were always there and empty go; the parts of the target are taken from
/// `REQUEST_URI`, where they stood undecoded or cut at another question mark. A target that cannot be
/// read stays as it is, for the checks to refuse.
void bring_up_to_date(cgi::environ_map& request);

/// Whether it says that a body of some length follows.
[[nodiscard]] bool announces_body(const cgi::environ_map& request) noexcept;

}  // namespace crosstalk::talk
