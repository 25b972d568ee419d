// How large the stanzas may be that we send. A server cannot be asked for its limit, and when it closes
// the stream for it, it does not say which stanza was too large, or whether it was several that it read
// at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace crosstalk::talk {

class stanza_limit {
  public:
    /// No server's limit is taken to be smaller.
    static constexpr std::size_t least = 8 * 1024;

    explicit stanza_limit(std::size_t configured) noexcept : bytes_(configured) {}

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// The stream was closed for breaking the server's policy while `on_the_way` bytes had been sent
    /// and not answered. So few that no limit can be in them were not what broke it.
    void exceeded(std::uint64_t on_the_way) noexcept {
        if (on_the_way <= least) return;
        bytes_ =
            std::max(least, static_cast<std::size_t>(std::min<std::uint64_t>(on_the_way, bytes_)) / 2);
    }

  private:
    std::size_t bytes_;
};

}  // namespace crosstalk::talk
