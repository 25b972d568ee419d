// What the person who publishes reads on standard error: a line per request, and sentences when
// something changes.
//
// Rule: what comes from outside is made printable and cut, so that no visitor can write to the
// terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>

namespace crosstalk::peer {

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

/// `text` with everything but printable ASCII as \xHH, and cut after `most` bytes.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = 2000);

/// Writes a line to standard error at once; lines that belong together may come as one.
void say(std::string_view line);

}  // namespace crosstalk::peer
