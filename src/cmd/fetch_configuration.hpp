// Options of `fetch` -> visit::fetch_settings.
#pragma once

#include <optional>

#include "cmd/account_configuration.hpp"
#include "visit/fetch.hpp"

namespace crosstalk::cmd {

/// Nothing when `found` has gained errors.
[[nodiscard]] std::optional<visit::fetch_settings> read_fetch_configuration(
    const fetch_options& options, const account_environment& environment, findings& found);

}  // namespace crosstalk::cmd
