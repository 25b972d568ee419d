// The whole gateway as one call: component, front end, registry, admin listener.
#pragma once

#include <functional>

#include "crosstalk/error.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::gateway {

/// Runs until SIGTERM or SIGINT, draining open transactions. SIGHUP calls `reload`; when that gives
/// nothing (it has logged why) the old settings stay. Returns the exit status of `crosstalk gateway`.
[[nodiscard]] int run(settings start, std::function<std::optional<settings>()> reload);

}  // namespace crosstalk::gateway
