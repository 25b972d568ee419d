// The transactions with one counterpart over a direct stream (carriage 4 of docs/protocol.md): messages
// of a WebSocket in, messages and events out.
//
// Rule 1: credit is `window` alone; how much goes is the owner's matter, who asks for the next message
//         when there is room for one.
// Rule 2: heads, signals and windows go first, then bodies in turn, a piece each, so that a small
// answer does not wait behind bulk.
// Rule 3: nothing is replayed on a stream, so no batch is remembered once it is over.
// Rule 4: no callbacks, no clock, no randomness.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "crosstalk/transaction.hpp"
#include "talk/decoder.hpp"
#include "talk/exchange.hpp"
#include "talk/turns.hpp"

namespace crosstalk::talk {

struct direct_settings {
    std::string remote;  ///< the counterpart's full JID
    transaction_settings transactions;
    bool accepts_requests = false;  ///< peers do, gateways do not
    std::size_t max_open = 4096;    ///< transactions that the other side may have open here
};

class direct_exchange {
  public:
    using time_point = base::time_point;
    static constexpr std::size_t most_message = 1024 * 1024;  ///< of the WebSocket

    explicit direct_exchange(direct_settings settings);

    // The owner's side, as of exchange.

    [[nodiscard]] transaction& open(std::string batch, cgi::environ_map request, bool body_follows,
                                    time_point now);
    void touch(transaction& t);
    void release(transaction& t);
    void attach(transaction& t, void* attachment) noexcept { t.attachment_ = attachment; }
    [[nodiscard]] void* attachment(const transaction& t) const noexcept { return t.attachment_; }
    [[nodiscard]] std::optional<exchange_event> poll() { return events_.poll(); }

    // The wire's side.

    /// Takes one message of the stream; `behind`: bytes behind it that may be read. An error means that
    /// the stream is of no use any more.
    [[nodiscard]] result<void> receive(std::string_view payload, time_point now,
                                       std::size_t behind = 0);
    /// Appends the next message; false when there is none.
    [[nodiscard]] bool next_message(std::string& out, time_point now);
    [[nodiscard]] bool has_output() const noexcept { return !turns_.empty() || !refusals_.empty(); }
    /// The stream is gone: every transaction ends, now and later.
    void end(end_kind kind, const std::string& reason);
    /// Gives up what nobody holds and nothing moves; to be called now and then.
    void expire(time_point now);

    [[nodiscard]] std::size_t open_count() const noexcept { return open_.size(); }
    [[nodiscard]] const exchange_counters& counters() const noexcept { return counters_; }

  private:
    void take_message(message&& m, std::string_view body, time_point now);
    void take_request(message&& m, std::string_view body, time_point now);
    void break_off(transaction& t, std::string why);
    void refuse(std::string batch, std::string_view reason);
    void append_refusal(std::string& out);
    [[nodiscard]] transaction* find(const std::string& batch) const;
    void drop_if_done(transaction& t);
    [[nodiscard]] std::vector<transaction*> everything() const;

    direct_settings settings_;
    decoder decoder_;
    std::unordered_map<std::string, std::unique_ptr<transaction>> open_;
    turns turns_;
    std::vector<std::pair<std::string, std::string>> refusals_;  ///< batch and reason of shutdowns
    event_queue events_;
    std::size_t incoming_ = 0;
    std::optional<outcome> ended_;
    exchange_counters counters_;
};

}  // namespace crosstalk::talk
