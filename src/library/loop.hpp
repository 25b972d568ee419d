// The event loop that the library's classes run in: one of their own, or the program's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "net/asio.hpp"

namespace crosstalk::library {

class loop {
  public:
    /// `theirs` null: one of its own.
    explicit loop(net::asio::io_context* theirs);

    [[nodiscard]] net::executor get_executor() { return io_.get_executor(); }
    [[nodiscard]] bool is_own() const noexcept { return own_ != nullptr; }
    /// Runs one of its own until end().
    void run();
    /// Does nothing to the program's.
    void end();

  private:
    std::unique_ptr<net::asio::io_context> own_;
    net::asio::io_context& io_;
};

}  // namespace crosstalk::library
