// The line that shows on a terminal how far a transfer has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace crosstalk::visit {

struct progress {
    std::uint64_t done = 0;              ///< bytes, with what was there before
    std::uint64_t began_with = 0;        ///< of these, there before
    std::optional<std::uint64_t> whole;  ///< bytes in all, if that is known
    base::milliseconds took{0};
};

/// "[=====>     ]  42%  1.2 MB of 2.9 MB  310 kB/s  6 s left", in at most `width` columns.
[[nodiscard]] std::string progress_line(const progress& p, std::size_t width);

/// "17 B", "1.2 kB", "345 MB".
[[nodiscard]] std::string readable_size(std::uint64_t bytes);

}  // namespace crosstalk::visit
