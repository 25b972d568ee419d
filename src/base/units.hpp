// Durations and sizes as people write them: "30s", "250ms", "64KiB".
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace crosstalk::base {

/// "250ms", "30s", "5m", "2h"; "0" alone is zero. Nothing when it is anything else.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "512", "512B", "64KiB", "1MiB", "2GiB", "10kB", "5MB". Nothing when it is anything else.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace crosstalk::base
