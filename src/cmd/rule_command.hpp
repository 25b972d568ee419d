// `crosstalk site rules|rule|ban|unban`: what the operator says of people and domains.
#pragma once

#include "cmd/options.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

/// The exit status.
[[nodiscard]] int run_rule(const gateway::settings& s, const site_options& options);

}  // namespace crosstalk::cmd
