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
#include <utility>

#include "crosstalk/message.hpp"

namespace crosstalk::talk {

class object_writer;
struct fit;

/// Why a transaction is over.
enum class end_kind : std::uint8_t {
    open,       ///< it is not over
    completed,  ///< both sides have finished
    shut_down,  ///< the other side gave it up; `reason` is its word for it
    given_up,   ///< this side gave it up
    broken,     ///< the other side broke the protocol
    offline,    ///< the other side's resource went away, or does not answer pings
    replaced,   ///< the same full JID logged in anew: what ran there is gone
    bounced,    ///< a server on the way returned a stanza error; `reason` is its condition
    too_large,  ///< the head fits no stanza
    timed_out,  ///< nothing came in time
    link_down,  ///< our own stream to the server is gone
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

    transaction(role r, std::string remote, std::string batch, transaction_settings settings,
                time_point now);
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
    /// Whether the response is 101, so that bytes go in both directions from now on.
    [[nodiscard]] bool is_tunnel() const noexcept { return is_tunnel_; }
    /// Whether the other side has sent its producerFinished (bytes may still wait in the buffer).
    [[nodiscard]] bool is_remote_finished() const noexcept { return remote_finished_; }
    /// Whether the other side has answered the first stanza in any way: time to say 100 Continue.
    [[nodiscard]] bool is_accepted() const noexcept { return accepted_; }
    /// When something of this transaction last came from the other side.
    [[nodiscard]] time_point last_progress() const noexcept { return last_progress_; }

    // What goes to the other side. After the end these do nothing.

    /// Starts the response (answerer, once). With 101, to a request that asked for an upgrade, both
    /// halves begin anew: what follows is bytes in both directions, each until its own finish().
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

    // The wire's side, for the exchange.

    /// What carries a message: a `set` is answered and so counts as unacknowledged, a `result` is not.
    enum class carrier : std::uint8_t { set, result };
    enum class appending : std::uint8_t { nothing, message, does_not_fit };
    struct appended {
        appending what = appending::nothing;
        std::size_t cost = 0;    ///< bytes as the servers on the way will write them
        std::uint64_t body = 0;  ///< body bytes among them
    };

    /// Takes a message that came for this batch. A message that breaks the protocol ends the
    /// transaction.
    void receive(message&& m, time_point now);
    /// The same with the body bytes beside the message, which has none itself.
    void receive(message&& m, std::optional<std::string_view> body, time_point now);
    /// Whether there is something to say: heads and bodies only `with_payload`, signals and windows
    /// always.
    [[nodiscard]] bool has_output(carrier by, bool with_payload) const noexcept;
    /// What a stanza has for a message, in bytes at the servers' cost.
    struct allotment {
        allotment(std::size_t all) : left(all), whole(all) {}
        allotment(std::size_t rest, std::size_t all, bool others_wait)
            : left(rest), whole(all), is_shared(others_wait) {}
        std::size_t left;        ///< may be added
        std::size_t whole;       ///< an empty stanza would take so much: what fits that waits for it
        bool is_shared = false;  ///< others wait: a body that does not end here leaves half to them
    };
    /// Appends the next message as JSON escaped for XML.
    [[nodiscard]] appended append_next(std::string& out, const allotment& space, carrier by,
                                       bool with_payload);
    /// Appends the next message as a direct stream has it (talk/direct_frame.hpp): JSON of at most
    /// `most_json` bytes, then at most `most_body` body bytes as they are.
    [[nodiscard]] appended append_framed(std::string& out, std::size_t most_json,
                                         std::size_t most_body);
    /// A stanza with that many body bytes of this transaction has been answered by a result.
    void acknowledge(std::uint64_t body, time_point now);
    /// Body bytes that a result has been sent for: what a sender that knows no windows goes by.
    void answered() noexcept;
    /// Whether more has come than was allowed, so that the result for it should wait.
    [[nodiscard]] bool is_overrun() const noexcept;
    /// Repeats the window, for a counterpart that may have lost it.
    void repeat_window() noexcept { window_due_ = true; }
    /// Whether body bytes of the other side may still be under way to us.
    [[nodiscard]] bool owes_body() const noexcept;
    /// The head fits no stanza: over, and the other side is told where it knows of it.
    void give_up_too_large();
    /// A stanza of it came back with that error, or was lost: over, and the other side is told if it
    /// has had an earlier one.
    void bounce(std::string condition);
    /// The other side broke the protocol: over, and it is told `reason`.
    void violate(std::string_view reason, std::string why);
    /// Ends it; the first end counts.
    void end(end_kind kind, std::string reason);

    /// What changed since the last call, for the owner's two waits.
    struct change {
        bool in = false;
        bool room = false;
    };
    [[nodiscard]] change take_change() noexcept { return std::exchange(change_, {}); }

  private:
    [[nodiscard]] std::uint64_t credit() const noexcept;
    [[nodiscard]] std::uint64_t sendable(carrier by) const noexcept;
    [[nodiscard]] bool wants_window() const noexcept;
    [[nodiscard]] std::uint64_t allowed() const noexcept;
    [[nodiscard]] bool take_head(message& m);
    [[nodiscard]] bool take_body(const message& m, std::string_view body, bool is_head);
    void take_finish(const message& m, std::optional<std::string_view> body, bool is_head);
    [[nodiscard]] bool take_switch();
    void receive_anew() noexcept;
    void note_head(const message& m, bool with_head);
    void note_sent();
    [[nodiscard]] appended append_shutdown(object_writer& w, message& m);
    [[nodiscard]] std::string_view waiting(carrier by) const noexcept;
    void append_body(object_writer& w, message& m, const fit& how);
    void append_finish(message& m, std::uint64_t body);
    void settle();

    role role_;
    bool asked_to_switch_ = false;  ///< the request asks for an upgrade to WebSocket
    bool is_tunnel_ = false;        ///< ... which was granted
    std::string remote_;
    std::string batch_;
    transaction_settings settings_;
    time_point last_progress_;
    outcome outcome_;
    change change_;

    // What came.
    std::optional<cgi::environ_map> request_;
    std::optional<response_start> response_;
    std::string in_;
    std::size_t in_taken_ = 0;       ///< bytes of in_ that the owner has had
    std::uint64_t received_ = 0;     ///< body bytes so far: the offset expected next
    std::uint64_t consumed_ = 0;     ///< of these, handed to the owner
    std::uint64_t answered_ = 0;     ///< of these, answered by results before the first window went
    std::uint64_t window_sent_ = 0;  ///< 0: none yet
    bool window_due_ = false;
    bool remote_finished_ = false;
    bool accepted_ = false;

    // What goes.
    std::optional<cgi::environ_map> request_out_;
    std::optional<response_start> response_out_;
    std::string out_;
    std::size_t out_sent_ = 0;        ///< bytes of out_ that have gone
    std::uint64_t sent_ = 0;          ///< body bytes so far
    std::uint64_t acknowledged_ = 0;  ///< of these, answered by results
    std::optional<std::uint64_t> window_;
    bool head_sent_ = false;
    bool finish_wanted_ = false;
    bool finish_sent_ = false;
    bool shutdown_due_ = false;
    std::string shutdown_reason_;

    friend class exchange;
    friend class direct_exchange;
    friend class chat_exchange;
    friend class event_queue;
    friend class turns;
    friend void let_go(transaction& t);
    friend class http_exchange;
    void* attachment_ = nullptr;     ///< whatever the exchange's owner ties to it
    bool is_queued_ = false;         ///< in the route's ring
    bool is_reported_ = false;       ///< a change of it waits to be polled
    bool is_released_ = false;       ///< nobody holds it any more: gone once it is over
    std::uint64_t held_result_ = 0;  ///< serial of the result that waits for the response
};

}  // namespace crosstalk::talk
