// `crosstalk publish`: a peer for a folder or an app, and the person who runs it.
#pragma once

#include "peer/settings.hpp"

namespace crosstalk::peer {

/// Runs until SIGTERM or SIGINT. Prints the URL on standard output once the site is up, a line per
/// request on standard error. Returns the exit status of `crosstalk publish`: 0 asked to stop, 2 could
/// not log in (wrong password, bad certificate: what trying again does not mend), 3 the gateway
/// refused.
[[nodiscard]] int run(settings start);

}  // namespace crosstalk::peer
