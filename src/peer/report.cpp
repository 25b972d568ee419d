// Lines for standard error.
#include "peer/report.hpp"

#include <unistd.h>

#include <algorithm>

namespace crosstalk::peer {
namespace {

std::string two_digits(int number) {
    return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

}  // namespace

std::string printable(std::string_view text, std::size_t most) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (text.size() <= most && std::ranges::all_of(text, is_printable)) return std::string(text);
    std::string out;
    for (const char c : text.substr(0, most)) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_printable(c)) {
            out += c;
        } else {
            out.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
    }
    return text.size() > most ? out + "..." : out;
}

std::string request_line(const std::tm& time, std::string_view method, std::string_view target,
                         const tally& done, std::chrono::milliseconds took) {
    std::string line =
        two_digits(time.tm_hour) + ':' + two_digits(time.tm_min) + ':' + two_digits(time.tm_sec);
    line.append(" ").append(printable(method, 32)).append(" ").append(printable(target));
    line.append(" ").append(done.status == 0 ? "-" : std::to_string(done.status));
    line.append(" ").append(std::to_string(done.bytes));
    line.append(" ").append(std::to_string(took.count())).append("ms");
    if (!done.guest.empty()) line.append(" for ").append(printable(done.guest));
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
