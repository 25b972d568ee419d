// The line on standard error that tells the person at the terminal of one request.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace crosstalk::base {

/// What became of a request.
struct tally {
    unsigned status = 0;      ///< 0: there was no answer
    std::uint64_t bytes = 0;  ///< of the body
    std::string note;         ///< what went wrong, or ""
    std::string guest{};      ///< who asked without a gateway, or ""
};

/// "15:04:05 GET /a?b=c 200 1234 12ms", with ` for JID` behind it for a guest, and ` (note)` if there
/// is one. `time` is local time; `method` and `target` may hold anything.
[[nodiscard]] std::string request_line(const std::tm& time, std::string_view method,
                                       std::string_view target, const tally& done,
                                       std::chrono::milliseconds took);

/// The time of day here and now.
[[nodiscard]] std::tm local_time();

}  // namespace crosstalk::base
