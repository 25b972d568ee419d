// The operator's rules that stand in gateway.toml: [rules."example.org"].
#pragma once

#include "cmd/toml_file.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

void read_rules(toml_file& file, gateway::settings& s);

}  // namespace crosstalk::cmd
