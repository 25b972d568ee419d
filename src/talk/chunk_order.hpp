// The chunks of one body (XEP-0332, 4.2.4) put into their order.
//
// Rule: bounded: so many chunks, and so many bytes of them, wait for one that is missing.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace crosstalk::talk {

class chunk_order {
  public:
    static constexpr std::size_t most_waiting = 256;
    static constexpr std::size_t most_bytes = 256 * 1024;

    enum class verdict : std::uint8_t {
        taken,
        repeated,      ///< it was here already
        inconsistent,  ///< it says otherwise than another where the body ends
        too_far,       ///< more waits for a missing one than may
    };
    [[nodiscard]] verdict add(std::uint64_t number, bool is_last, std::string bytes);
    /// The next bytes in order; nothing when the next chunk is not there.
    [[nodiscard]] std::optional<std::string> next();
    /// Whether next() has given all there is.
    [[nodiscard]] bool is_complete() const noexcept { return last_ && next_ > *last_; }
    /// Whether chunks wait for one that is missing, once next() has nothing to give.
    [[nodiscard]] bool has_gap() const noexcept { return !waiting_.empty(); }

  private:
    std::uint64_t next_ = 0;
    std::optional<std::uint64_t> last_;
    std::map<std::uint64_t, std::string> waiting_;
    std::size_t bytes_ = 0;
};

}  // namespace crosstalk::talk
