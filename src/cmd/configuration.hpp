// gateway.toml -> gateway::settings. docs/operating.md tells the keys in words.
#pragma once

#include <optional>
#include <string>

#include "cmd/findings.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

/// The settings, or nothing when `found` has gained errors. Relative paths in the file are taken from
/// its folder.
[[nodiscard]] std::optional<gateway::settings> read_gateway_configuration(const std::string& path,
                                                                          findings& found);

}  // namespace crosstalk::cmd
