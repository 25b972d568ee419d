// A WebSocket from the client to whoever answers: bytes in both directions, which are nobody's business
// here.
//
// Rule 1: each half ends by itself, and its end is passed on; what breaks ends both.
// Rule 2: neither side is held open by the other: there is a limit for silence, and a shorter one where
//         one half has ended.
#pragma once

#include <functional>

#include "net/call.hpp"
#include "net/http_stream.hpp"
#include "net/task_group.hpp"

namespace crosstalk::ask {

/// When more bytes may move after so many have.
using pace_function = std::function<base::time_point(std::size_t moved)>;

struct tunnel_settings {
    base::milliseconds silence{3'600'000};  ///< without a byte in either direction
    base::milliseconds half_open{30'000};   ///< the same, from when one half has ended
    pace_function pace = {};                ///< of both directions together; unset: at once
};

class tunnel {
  public:
    /// Both must outlive it. The client has been told 101, and `opened` is a tunnel.
    tunnel(net::executor ex, net::http_stream& connection, net::call& opened, tunnel_settings s);

    /// To be called once. Leaves the connection closed.
    [[nodiscard]] net::awaitable<void> run();

  private:
    [[nodiscard]] net::awaitable<void> carry_up();
    [[nodiscard]] net::awaitable<void> carry_down();
    [[nodiscard]] net::awaitable<void> keep_pace(std::size_t moved);
    [[nodiscard]] base::time_point silent_until() const;
    void end_half();

    net::executor ex_;
    net::http_stream& connection_;
    net::call& call_;
    tunnel_settings settings_;
    base::time_point last_byte_ = base::clock::now();
    bool is_half_open_ = false;
    bool is_over_ = false;
    net::bell ended_;
};

}  // namespace crosstalk::ask
