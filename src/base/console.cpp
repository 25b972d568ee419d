// See console.hpp.
#include "base/console.hpp"

#include <unistd.h>

#include <algorithm>

namespace crosstalk::base {
namespace {

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

void say(std::string_view line) {
    std::string text{line};
    text += '\n';
    // In one call, so that lines of several programs on one terminal do not mix. Nobody to tell if it
    // fails.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

}  // namespace crosstalk::base
