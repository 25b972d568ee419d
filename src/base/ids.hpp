// Names that nobody can guess.
#pragma once

#include <span>
#include <string>

namespace crosstalk::base {

/// 20 characters of [A-Za-z0-9_-], 120 bits from the system's random source.
[[nodiscard]] std::string random_id();

/// Fills up to 256 bytes from the system's random source.
void fill_random(std::span<char> bytes);
/// A uniformly random number below `bound` (bound > 0), for jitter.
[[nodiscard]] unsigned random_below(unsigned bound);

}  // namespace crosstalk::base
