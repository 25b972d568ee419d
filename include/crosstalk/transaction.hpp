// One transaction: from an HTTP request to the response for it, as either side sees it.
//
// A state machine without I/O, the same class at the gateway and at the peer. Its owner reads what has
// come and hands over what is to go; the exchange (talk/exchange.hpp) moves messages in and out.
//
// Rule 1: bodies are never held whole: both directions are bounded by `buffer`.
// Rule 2: once ended, it stays ended, and says why.
// Rule 3: one thread at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/message.hpp"

namespace crosstalk::talk {

/// Why a transaction is over.
enum class end_kind : std::uint8_t {
    open,            ///< it is not over
    completed,       ///< both sides have finished
    shut_down,       ///< the other side gave it up; `reason` is its word for it
    given_up,        ///< this side gave it up
    broken,          ///< the other side broke the protocol
    offline,         ///< the other side's resource went away, or does not answer pings
    replaced,        ///< the same full JID logged in anew: what ran there is gone
    bounced,         ///< a server on the way returned a stanza error; `reason` is its condition
    too_large,       ///< the head fits no stanza
    timed_out,       ///< nothing came in time
    link_down,       ///< our own stream to the server is gone
};

struct outcome {
    end_kind kind = end_kind::open;
    std::string reason;  ///< for people and logs: a protocol reason or a stanza error condition
};

struct transaction_settings {
    std::size_t buffer = 256 * 1024;  ///< bytes held per direction
};

enum class role : std::uint8_t { asker, answerer };

class transaction {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    transaction(role r, std::string remote, std::string batch, transaction_settings settings, time_point now);
    transaction(const transaction&) = delete;
    transaction& operator=(const transaction&) = delete;

    [[nodiscard]] role side() const noexcept { return role_; }
    /// The other side's full JID.
    [[nodiscard]] const std::string& remote() const noexcept { return remote_; }
    [[nodiscard]] const std::string& batch() const noexcept { return batch_; }

    // What has come from the other side.

    /// The request object; null at the asker.
    [[nodiscard]] const cgi::environ_map* request() const noexcept;
    /// The response's start; null at the answerer and until it has come.
    [[nodiscard]] const response_start* response() const noexcept;
    /// Body bytes that take() would hand over.
    [[nodiscard]] std::size_t readable() const noexcept { return in_.size() - in_taken_; }
    /// Removes up to `max` body bytes from the buffer and hands them over; the other side may
    /// then send as many more.
    [[nodiscard]] std::string take(std::size_t max = std::string::npos);
    /// Whether the other side has finished and every byte has been taken.
    [[nodiscard]] bool is_drained() const noexcept { return remote_finished_ && readable() == 0; }
    /// Whether the other side has sent its producerFinished (bytes may still wait in the buffer).
    [[nodiscard]] bool is_remote_finished() const noexcept { return remote_finished_; }
    /// Whether the other side has answered the first stanza in any way: time to say 100 Continue.
    [[nodiscard]] bool is_accepted() const noexcept { return accepted_; }
    /// When something of this transaction last came from the other side.
    [[nodiscard]] time_point last_progress() const noexcept { return last_progress_; }

    // What goes to the other side. After the end these do nothing.

    /// Starts the response (answerer, once).
    void respond(response_start start);
    /// Body bytes that write() takes now.
    [[nodiscard]] std::size_t room() const noexcept;
    /// Hands over body bytes; at most room() of them.
    void write(std::string_view bytes);
    /// Everything has been written.
    void finish();
    /// Gives the transaction up: the other side drops it at once.
    void shut_down(std::string_view reason);

    [[nodiscard]] bool is_over() const noexcept { return outcome_.kind != end_kind::open; }
    [[nodiscard]] const outcome& end() const noexcept { return outcome_; }
