// What a person at a terminal reads on standard error.
//
// Rule: what comes from outside is made printable and cut, so that nobody else writes to the terminal.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::base {

/// `text` with everything but printable ASCII as \xHH, and cut after `most` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 2000);

/// Writes a line to standard error at once.
void say(std::string_view line);

}  // namespace crosstalk::base
