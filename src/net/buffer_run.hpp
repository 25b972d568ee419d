// A position in a sequence of buffers that is written piece by piece.
#pragma once

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <span>
#include <string_view>

namespace crosstalk::net {

class buffer_run {
  public:
    explicit buffer_run(std::span<const boost::asio::const_buffer> buffers) : rest_(buffers) {
        skip_empty();
    }

    [[nodiscard]] bool is_empty() const noexcept { return rest_.empty(); }
    /// What is left of the first buffer that is not done.
    [[nodiscard]] std::string_view front() const noexcept {
        return {static_cast<const char*>(rest_.front().data()) + done_, rest_.front().size() - done_};
    }
    [[nodiscard]] std::size_t size() const noexcept {
        std::size_t total = 0;
        for (const auto& each : rest_) total += each.size();
        return total - done_;
    }
    [[nodiscard]] bool is_last() const noexcept { return rest_.size() == 1; }

    /// What comes next, as many buffers as fit into `into`.
    template <std::size_t N>
    [[nodiscard]] std::span<const boost::asio::const_buffer> next(
        std::array<boost::asio::const_buffer, N>& into) const noexcept {
        const std::size_t count = std::min(N, rest_.size());
        std::copy_n(rest_.begin(), count, into.begin());
        if (count > 0) into[0] += done_;
        return {into.data(), count};
    }

    void consume(std::size_t size) noexcept {
        while (size > 0 && !rest_.empty()) {
            const std::size_t step = std::min(size, rest_.front().size() - done_);
            done_ += step;
            size -= step;
            skip_empty();
        }
    }

  private:
    void skip_empty() noexcept {
        while (!rest_.empty() && done_ == rest_.front().size()) {
            rest_ = rest_.subspan(1);
            done_ = 0;
        }
    }

    std::span<const boost::asio::const_buffer> rest_;
    std::size_t done_ = 0;  ///< of the first buffer
};

}  // namespace crosstalk::net
