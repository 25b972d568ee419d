// What the registry's tables look like, as steps from each version of the schema to the next.
//
// Rule 1: a step that has been published is never changed; what is to be different is a new step.
// Rule 2: whatever changes a site or a rule writes the site's name ("" for a rule) into `change` under a new
//         number of `revision`, in the same transaction: numbers become visible in their order.
#pragma once

#include <array>

namespace crosstalk::gateway {

struct schema_step {
    const char* sqlite;
    const char* postgresql;
};
inline constexpr int schema_version = 2;
/// The step at place n leads from version n to n + 1.
extern const std::array<schema_step, schema_version> schema_steps;

}  // namespace crosstalk::gateway
