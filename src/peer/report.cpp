// Lines for standard error.
#include "peer/report.hpp"

#include <unistd.h>

#include <array>
#include <cstdio>

namespace crosstalk::peer {

std::string printable(std::string_view text, std::size_t most) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
        } else {
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
    }
    return text.size() > most ? out + "..." : out;
}

std::string request_line(const std::tm& time, std::string_view method, std::string_view target,
                         const tally& done, std::chrono::milliseconds took) {
    std::array<char, 16> clock{};
    std::snprintf(clock.data(), clock.size(), "%02d:%02d:%02d", time.tm_hour % 24, time.tm_min % 60,
                  time.tm_sec % 61);
    std::string line = clock.data();
    line.append(" ").append(printable(method, 32)).append(" ").append(printable(target));
    line.append(" ").append(done.status == 0 ? "-" : std::to_string(done.status));
    line.append(" ").append(std::to_string(done.bytes));
    line.append(" ").append(std::to_string(took.count())).append("ms");
    if (!done.note.empty()) line.append(" (").append(printable(done.note)).append(")");
    return line;
}

void say(std::string_view line) {
    std::string text{line};
    text += '\n';
    // In one call, so that lines of several programs on one terminal do not mix. Nobody to tell if it
    // fails.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace crosstalk::peer
