// The keys of gateway.toml that are the operator's own.
#pragma once

#include "cmd/toml_file.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

void read_admin(toml_file& file, gateway::settings& s);

}  // namespace crosstalk::cmd
