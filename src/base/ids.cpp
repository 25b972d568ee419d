// Randomness from the kernel: no seed to forget, nothing to share between threads.
#include "base/ids.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <system_error>

namespace crosstalk::base {
namespace {

constexpr std::size_t most_at_once = 256;  ///< that getentropy() gives

void draw(void* to, std::size_t size) {
    if (getentropy(to, size) != 0)
        throw std::system_error(errno, std::generic_category(), "the system's random source");
}

/// Random bytes, drawn from the system many at a time; each is given out once and wiped.
class supply {
  public:
    void take(void* to, std::size_t size) {
        if (size > bytes_.size() - at_) {
            draw(bytes_.data(), bytes_.size());
            at_ = 0;
        }
        std::memcpy(to, bytes_.data() + at_, size);
        std::memset(bytes_.data() + at_, 0, size);
        at_ += size;
    }

  private:
    std::array<unsigned char, most_at_once> bytes_{};
    std::size_t at_ = most_at_once;
};

/// `size` is at most 256.
void fill(void* to, std::size_t size) {
    thread_local supply own;
    own.take(to, size);
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
