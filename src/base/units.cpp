// Numbers with a unit: digits, then the unit, nothing between or around them.
#include "base/units.hpp"

#include <charconv>
#include <limits>
#include <span>

namespace crosstalk::base {
namespace {

struct unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr unit durations[] = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}};
constexpr unit sizes[] = {
    {"", 1},       {"B", 1},          {"KiB", 1ULL << 10},  {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30},
    {"kB", 1'000}, {"MB", 1'000'000}, {"GB", 1'000'000'000}};

std::optional<std::uint64_t> parse(std::string_view text, std::span<const unit> units,
                                   std::uint64_t max) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    for (unit const& u : units) {
        if (text != u.name) continue;
        if (number > max / u.factor) return std::nullopt;
        return number * u.factor;
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text == "0") return std::chrono::milliseconds{0};
    // A century: can be added to any time point that counts nanoseconds.
    constexpr std::uint64_t max = 100ULL * 366 * 24 * 3'600'000;
    auto const count = parse(text, durations, max);
    if (!count) return std::nullopt;
    return std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(*count)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse(text, sizes, std::numeric_limits<std::uint64_t>::max());
}

}  // namespace crosstalk::base
