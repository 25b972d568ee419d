// Conditional requests (RFC 9110, 13), in the order that 13.2.2 prescribes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::http {

/// What is known of the selected representation.
struct validators {
    std::string etag;                           ///< with its quotes, W/ in front if weak; "" = none
    std::optional<std::int64_t> last_modified;  ///< seconds since 1970
    bool exists = true;                         ///< whether there is a representation at all
};

enum class condition_verdict {
    proceed,              ///< do what was asked
    ignore_range,         ///< do it, but as if there were no Range: If-Range does not hold
    not_modified,         ///< 304
    precondition_failed,  ///< 412
};

/// Whether the conditions in `headers` let a request through. `now` is the time of the answer, in
/// seconds.
[[nodiscard]] condition_verdict evaluate_conditions(std::string_view method, const fields& headers,
                                                    const validators& current, std::int64_t now);

/// Whether two entity tags are the same by strong or weak comparison (RFC 9110, 8.8.3.2).
[[nodiscard]] bool matches_strongly(std::string_view a, std::string_view b) noexcept;
[[nodiscard]] bool matches_weakly(std::string_view a, std::string_view b) noexcept;

}  // namespace crosstalk::http
