// What reading a configuration found: all of it, not only the first.
#pragma once

#include <string>
#include <vector>

namespace crosstalk::cmd {

struct findings {
    std::vector<std::string> errors;    ///< each "FILE:LINE: key \"a.b\": …"; any of them is fatal
    std::vector<std::string> warnings;  ///< what works and should not stay so
};

/// "a, b or c"
[[nodiscard]] std::string one_of(const std::vector<std::string>& words);

}  // namespace crosstalk::cmd
