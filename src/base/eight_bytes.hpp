// Looking for characters in eight bytes at a time, in one machine word.
//
// Rule: what marks() and its kind return has the top bit of a byte set where something was found. Only
// the first mark is to be trusted: a borrow may set others behind it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace crosstalk::base {

class eight_bytes {
  public:
    /// Takes the eight bytes at `from`.
    explicit eight_bytes(const char* from) noexcept {
        std::memcpy(&word_, from, sizeof word_);
        if constexpr (std::endian::native == std::endian::big) word_ = __builtin_bswap64(word_);
    }

    /// Takes the `count` bytes at `from`, less than eight, and spaces behind them.
    eight_bytes(const char* from, std::size_t count) noexcept : word_(ones * ' ') {
        if (std::endian::native == std::endian::little && count >= 4) {
            std::uint32_t first = 0, last = 0;
            std::memcpy(&first, from, 4);
            std::memcpy(&last, from + count - 4, 4);
            word_ = (word_ << (8 * count)) | first | std::uint64_t{last} << (8 * (count - 4));
        } else {
            for (std::size_t i = 0; i < count; ++i) put(from[i], i);
        }
    }

    /// Where `c` stands.
    [[nodiscard]] std::uint64_t marks(char c) const noexcept {
        const std::uint64_t other = word_ ^ ones * static_cast<unsigned char>(c);
        return (other - ones) & ~other & tops;
    }
    /// Where something stands that is neither ASCII from the space on nor DEL.
    [[nodiscard]] std::uint64_t marks_beyond_text() const noexcept {
        return (((word_ - ones * 0x20) & ~word_) | word_) & tops;
    }

    /// Where something stands that is not ASCII.
    [[nodiscard]] std::uint64_t marks_beyond_ascii() const noexcept { return word_ & tops; }

    /// The index of the first mark, 8 when there is none.
    [[nodiscard]] static std::size_t first(std::uint64_t marks) noexcept {
        return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
    }

  private:
    static constexpr std::uint64_t ones = 0x0101010101010101;
    static constexpr std::uint64_t tops = ones * 0x80;

    void put(char c, std::size_t at) noexcept {
        word_ ^= (std::uint64_t{static_cast<unsigned char>(c)} ^ ' ') << (8 * at);
    }

    std::uint64_t word_ = 0;
};

}  // namespace crosstalk::base
