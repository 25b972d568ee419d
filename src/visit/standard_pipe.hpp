// Standard input and output without standing still: whoever waits for a slow program at the other end
// of a pipe must go on answering the server.
//
// Rule: the descriptor's own flags stay as they are, since other programs share it: a pipe or a
// terminal is
//       opened anew. What cannot be waited for (files, devices) is ready always.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "net/asio.hpp"

namespace crosstalk::visit {

class standard_pipe {
  public:
    /// `descriptor` is 0 or 1.
    standard_pipe(const net::executor& ex, int descriptor);
    standard_pipe(standard_pipe&&) noexcept;
    ~standard_pipe();

    /// Some bytes; 0 at the end.
    [[nodiscard]] net::awaitable<result<std::size_t>> read(std::span<char> into);
    /// All of them.
    [[nodiscard]] net::awaitable<result<void>> write(std::span<const char> bytes);
    /// Ends what waits.
    void cancel();

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::visit
