// Time as cores see it: an argument, never a call.
#pragma once

#include <chrono>

namespace crosstalk::base {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using std::chrono::milliseconds;

}  // namespace crosstalk::base
