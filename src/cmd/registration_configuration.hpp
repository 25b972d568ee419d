// The keys of gateway.toml that say who may bind names.
#pragma once

#include "cmd/toml_file.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

/// To be read after the component and the registry.
void read_registration(toml_file& file, gateway::settings& s);

}  // namespace crosstalk::cmd
