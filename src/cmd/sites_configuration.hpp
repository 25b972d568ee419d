// Where sites come from: sites.registry and [sites.static] of gateway.toml.
#pragma once

#include "cmd/toml_file.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::cmd {

/// A host that a site may have for its own, prepared; nothing when `text` is none.
[[nodiscard]] std::optional<std::string> parse_own_host(const gateway::settings& s, const std::string& text);
void read_registry(toml_file& file, gateway::settings& s);
/// After http.base_url: a site's own hosts are not below it.
void read_fixed_sites(toml_file& file, gateway::settings& s);

}  // namespace crosstalk::cmd
