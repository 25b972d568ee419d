// Where sites come from: sites.registry and [sites.static] of gateway.toml.
#pragma once

#include "cmd/toml_file.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

void read_registry(toml_file& file, gateway::settings& s);
void read_fixed_sites(toml_file& file, gateway::settings& s);

}  // namespace crosstalk::cmd
