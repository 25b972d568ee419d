// Listening sockets by their written form: "127.0.0.1:8080", "[::]:80", "unix:/run/x.sock".
#pragma once

#include <memory>
#include <string>

#include "net/byte_stream.hpp"

namespace crosstalk::net {

class listener {
  public:
    /// Binds and listens. A unix socket file that nobody listens on is replaced.
    [[nodiscard]] static result<listener> open(executor ex, const std::string& where);
    /// Takes over a stream socket that listens already, whatever becomes of it: errc::bad_address when
    /// it is none. The file of a unix socket belongs to whoever has bound it and stays.
    [[nodiscard]] static result<listener> take_over(executor ex, int descriptor);
    listener(listener&&) noexcept;
    listener& operator=(listener&&) noexcept;
    ~listener();

    /// The next connection. When descriptors run out it waits a little and tries again; only close()
    /// ends it (operation_aborted).
    [[nodiscard]] awaitable<result<byte_stream>> accept();
    void close();
    /// The port bound, also when 0 was asked for; 0 for a unix socket.
    [[nodiscard]] std::uint16_t port() const;

  private:
    struct state;
    explicit listener(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::net
