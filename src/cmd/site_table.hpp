// How `crosstalk site` shows sites and rules.
#pragma once

#include <string>
#include <vector>

#include "gateway/policies.hpp"
#include "gateway/site.hpp"

namespace crosstalk::cmd {

struct shown_site {
    gateway::site site;
    std::string url;
};

/// Aligned columns under a heading, a line per site.
[[nodiscard]] std::string as_table(const std::vector<shown_site>& sites);
/// A line per fact.
[[nodiscard]] std::string as_lines(const shown_site& site);
/// One JSON object, on one line.
[[nodiscard]] std::string as_json(const shown_site& site);

[[nodiscard]] std::string as_table(const std::vector<gateway::policy>& rules);
/// A JSON object on a line for each.
[[nodiscard]] std::string as_json(const std::vector<gateway::policy>& rules);

}  // namespace crosstalk::cmd
