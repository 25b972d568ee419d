// What the calendar says, for what is written down or told to others; what is waited for goes by clock.hpp.
#pragma once

#include <chrono>
#include <cstdint>

namespace crosstalk::base {

inline std::int64_t seconds_since_1970() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace crosstalk::base
