// What the files that write the command line's grammar share. They are the only users of CLI11.
#pragma once

#include <CLI/CLI.hpp>

#include "cmd/options.hpp"

namespace crosstalk::cmd {

/// --config of a gateway's commands.
void add_config(CLI::App& app, std::string& to);
/// `crosstalk site` with all that it can do.
CLI::App* add_site(CLI::App& app, site_options& to);

}  // namespace crosstalk::cmd
