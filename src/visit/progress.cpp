// See progress.hpp.
#include "visit/progress.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace crosstalk::visit {
namespace {

constexpr std::size_t widest_bar = 30;

std::string bar_of(std::uint64_t done, std::uint64_t whole, std::size_t width) {
    const double part = whole == 0 ? 1.0 : static_cast<double>(done) / static_cast<double>(whole);
    const auto filled = std::min(width, static_cast<std::size_t>(part * static_cast<double>(width)));
    std::string bar(filled, '=');
    if (filled < width) bar += '>';
    bar.resize(width, ' ');
    return '[' + bar + "] ";
}

std::string time_left(const progress& p, std::uint64_t per_second) {
    if (!p.whole || per_second == 0 || *p.whole <= p.done) return {};
    const auto seconds = (*p.whole - p.done) / per_second + 1;
    if (seconds < 100) return "  " + std::to_string(seconds) + " s left";
    return "  " + std::to_string(seconds / 60 + 1) + " min left";
}

}  // namespace

std::string readable_size(std::uint64_t bytes) {
    constexpr std::array<std::string_view, 6> units{"B", "kB", "MB", "GB", "TB", "PB"};
    std::size_t unit = 0;
    std::uint64_t tenths = bytes;
    if (bytes >= 1000) {
        unit = 1;
        tenths = bytes / 100;
        while (tenths >= 10'000 && unit + 1 < units.size()) {
            tenths /= 1000;
            ++unit;
        }
        const bool is_short = tenths < 100;
        std::string text = std::to_string(tenths / 10);
        if (is_short) text += '.' + std::to_string(tenths % 10);
        return text + ' ' + std::string(units[unit]);
    }
    return std::to_string(bytes) + " B";
}

std::string progress_line(const progress& p, std::size_t width) {
    const auto milliseconds = static_cast<std::uint64_t>(std::max<std::int64_t>(p.took.count(), 1));
    const auto per_second = (p.done - p.began_with) * 1000 / milliseconds;
    std::string line;
    if (p.whole) {
        const auto percent = *p.whole == 0 ? 100 : std::min(p.done, *p.whole) * 100 / *p.whole;
        const std::string number = std::to_string(percent);
        line = bar_of(p.done, *p.whole, std::min(widest_bar, width / 3));
        line += std::string(3 - std::min<std::size_t>(number.size(), 3), ' ') + number + "%  ";
    }
    line += readable_size(p.done);
    if (p.whole) line += " of " + readable_size(*p.whole);
    line += "  " + readable_size(per_second) + "/s" + time_left(p, per_second);
    return line.substr(0, width);
}

}  // namespace crosstalk::visit
