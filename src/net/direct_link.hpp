// A direct stream on the network: the transactions with one counterpart over a WebSocket of their own.
//
// Rule 1: one write is under way while the rest waits in the transactions; what is written next is
//         chosen when the socket is free, so that a small answer overtakes bulk.
// Rule 2: everything that one read has brought is dealt with before one write.
// Rule 3: silence is asked about by a ping, and a ping without an answer is the end: within nine
// seconds while something is open.
// Rule 4: the end of the stream ends its transactions, as if the counterpart had gone offline.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/websocket.hpp"
#include "net/byte_stream.hpp"
#include "net/call.hpp"
#include "talk/direct_exchange.hpp"

namespace crosstalk::net {

struct direct_link_settings {
    http::websocket_role role = http::websocket_role::server;
    talk::direct_settings exchange;
    base::milliseconds silence_busy{2'500};   ///< before a ping, while something is open
    base::milliseconds silence_idle{30'000};  ///< before a ping otherwise
    base::milliseconds pong{4'000};           ///< how long a ping waits for a sign of life
};

class direct_link {
  public:
    /// `stream` is a WebSocket after its handshake; `received` is what has been read of it already.
    direct_link(executor ex, byte_stream stream, std::string received, direct_link_settings settings);
    direct_link(const direct_link&) = delete;
    direct_link& operator=(const direct_link&) = delete;
    ~direct_link();

    /// Carries until the stream has ended; why, in words.
    [[nodiscard]] awaitable<std::string> run();
    /// Ends in order: transactions end as `kind`, the other side is told `code` and `why`.
    void close(std::uint16_t code, talk::end_kind kind, const std::string& why);

    /// Opens a transaction; on a stream that has ended it is over at once. The call may outlive this.
    [[nodiscard]] call open(cgi::environ_map request, bool body_follows);
    /// What to do with a request that has come (peers). Unset: refused.
    std::function<void(call)> on_request;

    /// Whether it still carries.
    [[nodiscard]] bool is_open() const noexcept;
    [[nodiscard]] std::size_t open_count() const noexcept;

    /// For the log.
    struct traffic {
        std::uint64_t received = 0, sent = 0;  ///< bytes of the WebSocket
        std::uint64_t transactions = 0;        ///< opened by this side
    };
    [[nodiscard]] traffic carried() const noexcept;

  private:
    struct state;
    std::shared_ptr<state> state_;  ///< shared with calls
};

}  // namespace crosstalk::net
