// The body of a request to be sent: text, a file, or standard input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "visit/fetch.hpp"
#include "visit/standard_pipe.hpp"

namespace crosstalk::visit {

class upload {
  public:
    /// Fails as open(2) does.
    [[nodiscard]] static result<upload> open(const net::executor& ex, const upload_settings& s);
    upload(upload&&) noexcept;
    ~upload();

    /// Its length, if it is known; it is then kept to.
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept { return length_; }
    /// The next bytes, at most `most`; "" at the end. Fails with EIO when a file turns out shorter than
    /// it was.
    [[nodiscard]] net::awaitable<result<std::string>> read(std::size_t most);
    void cancel();

  private:
    upload() = default;

    std::string text_;
    int file_ = -1;
    std::optional<standard_pipe> input_;
    std::optional<std::uint64_t> length_;
    std::uint64_t read_ = 0;
};

}  // namespace crosstalk::visit
