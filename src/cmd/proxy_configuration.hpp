// Options of `proxy` -> visit::proxy_settings.
#pragma once

#include <optional>

#include "cmd/account_configuration.hpp"
#include "visit/proxy.hpp"

namespace crosstalk::cmd {

/// Nothing when `found` has gained errors.
[[nodiscard]] std::optional<visit::proxy_settings> read_proxy_configuration(
    const proxy_options& options, const account_environment& environment, findings& found);

}  // namespace crosstalk::cmd
