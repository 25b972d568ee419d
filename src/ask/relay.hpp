// One request to one resource, and its response to the client: both bodies streamed at the same time.
//
// Rule 1: neither body is held whole; each direction waits for the other side to have room.
// Rule 2: whoever leaves is told to the other: a client that goes ends the transaction, a transaction
// that
//         ends without a whole response cuts the connection.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ask/failure.hpp"
#include "ask/tunnel.hpp"
#include "net/call.hpp"
#include "net/http_stream.hpp"
#include "net/task_group.hpp"

namespace crosstalk::ask {

struct relay_settings {
    base::milliseconds response{60'000};  ///< from a request's end to the first message of its answer
    std::uint64_t body = 0;               ///< bytes of a request's body at most; 0: no cap
    tunnel_settings tunnel{};             ///< for a WebSocket
    bool is_private = false;  ///< the response is for this visitor: no shared cache may keep it
    /// When more bytes may move after so many have, either way; unset: at once.
    pace_function pace{};
    /// Told what cuts the exchange short, for as long as there is one, and then an empty function. What has
    /// not begun to be answered is refused instead.
    std::function<void(std::function<void()> end)> revocable{};
};

struct relay_end {
    enum class kind {
        answered,     ///< the response is with the client, whole
        switched,     ///< there was a WebSocket, and it is closed
        failed,       ///< nothing has been written yet: `why` is to be told
        cut,          ///< the response has begun and is not whole
        client_gone,  ///< there is nobody to tell
    };
    kind what = kind::failed;
    unsigned status = 0;  ///< of a response that has begun
    failure why;
    talk::outcome ended;  ///< the transaction, as far as that is known by now
};

class relay {
  public:
    /// `opened` is the transaction for the request that `connection` has read last, with a body to
    /// follow if that has one. `script_name`: where the site is, for the response rules;
    /// `is_long_target`: the target is most of the head.
    relay(net::executor ex, net::http_stream& connection, net::call opened, relay_settings settings,
          std::string script_name, bool is_long_target);

    /// To be called once.
    [[nodiscard]] net::awaitable<relay_end> run();

  private:
    class attention;

    [[nodiscard]] net::awaitable<void> send_body();
    [[nodiscard]] net::awaitable<relay_end> answer();
    [[nodiscard]] net::awaitable<void> wait_for_response();
    [[nodiscard]] net::awaitable<bool> write_rest();
    [[nodiscard]] net::awaitable<relay_end> carry_websocket();
    [[nodiscard]] net::awaitable<void> keep_pace(std::size_t moved);
    void body_failed(const error_code& error);
    void client_left();
    void revoke();
    [[nodiscard]] relay_end no_response() const;

    net::executor ex_;
    net::http_stream& connection_;
    net::call call_;
    relay_settings settings_;
    std::string script_name_;
    bool is_long_target_;

    net::bell left_;  ///< the client
    base::time_point answer_due_ = base::time_point::max();
    bool is_client_gone_ = false;
    bool is_late_ = false;
    bool is_over_ = false;                 ///< the response is done: the request's body matters no more
    bool has_begun_ = false;               ///< the response, on its way to the client
    bool is_revoked_ = false;              ///< before it had begun
    std::optional<failure> body_trouble_;  ///< the request's body could not be read to its end
};

}  // namespace crosstalk::ask
