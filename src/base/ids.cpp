// Randomness straight from the kernel: no seed to forget, nothing to share between threads.
#include "base/ids.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string_view>
#include <system_error>

namespace crosstalk::base {
namespace {

void fill(void* to, std::size_t size) {
    if (getentropy(to, size) != 0)
        throw std::system_error(errno, std::generic_category(), "the system's random source");
}

}  // namespace

void fill_random(std::span<char> bytes) { fill(bytes.data(), bytes.size()); }

std::string random_id() {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    std::array<unsigned char, 20> bytes;
    fill(bytes.data(), bytes.size());
    std::string id;
    id.reserve(bytes.size());
    for (unsigned char const byte : bytes) id.push_back(alphabet[byte & 63]);
    return id;
}

unsigned random_below(unsigned bound) {
    // What is left over at the top would favour small numbers: draw again there.
    constexpr auto max = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t const limit = max - max % bound;
    std::uint32_t drawn = 0;
    do fill(&drawn, sizeof drawn);
    while (drawn >= limit);
    return drawn % bound;
}

}  // namespace crosstalk::base
