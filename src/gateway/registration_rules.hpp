// Who may bind names without the operator, and which.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crosstalk::gateway {

struct registration_rules {
    std::vector<std::string> who = {};  ///< domains and bare JIDs, prepared; empty: nobody
    bool is_for_anybody = false;
    std::uint64_t names_per_owner = 10;  ///< those of [sites.static] not counted
    std::vector<std::string> reserved = {};  ///< beside those that is_reserved_name() knows
    bool operator==(const registration_rules&) const = default;
};

}  // namespace crosstalk::gateway
