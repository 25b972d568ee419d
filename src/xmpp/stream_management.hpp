// The counters and the kept stanzas of XEP-0198, without a stream.
//
// Rule 1: counters are modulo 2^32; `h` of the other side only moves forward, never beyond what was
// sent.
// Rule 2: kept stanzas are bounded in bytes; beyond that they are forgotten, sending goes on, and the
// stream cannot be resumed until everything sent so far has been acknowledged.
// Rule 3: at most one request for an acknowledgement is outstanding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace crosstalk::xmpp {

class stream_management {
  public:
    /// Both counters begin at `first`: 0 by XEP-0198.
    explicit stream_management(std::size_t kept_limit, std::uint32_t first = 0)
        : kept_limit_(kept_limit), first_(first) {}

    void begin();  ///< <enable/> is sent: what we send from now on is counted
    void confirm(
        std::string id);  ///< <enabled/> came: so is what comes; `id` "" when it cannot be resumed
    void disable();       ///< forgets everything
    [[nodiscard]] bool is_enabled() const noexcept { return state_ == state::enabled; }
    [[nodiscard]] bool is_begun() const noexcept { return state_ == state::begun; }
    [[nodiscard]] bool may_resume() const noexcept { return is_enabled() && !id_.empty() && !lossy_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    void sent(std::string_view stanza);
    void received() noexcept;
    /// The other side's `h`. False when it is impossible.
    [[nodiscard]] bool acknowledged(std::uint32_t h);
    [[nodiscard]] std::uint32_t received_count() const noexcept { return received_; }

    /// Whether <r/> is due: 16 stanzas are unacknowledged, or 64 KiB were sent since the last one, and
    /// none is outstanding. Call asked() then.
    [[nodiscard]] bool should_ask() const noexcept;
    void asked() noexcept;
    /// Whether anything has come since the last answered().
    [[nodiscard]] bool owes_answer() const noexcept { return received_ != answered_; }
    void answered() noexcept { answered_ = received_; }

    /// On a new connection: no request is outstanding there.
    void resumed() noexcept;
    /// Appends what is unacknowledged, in order.
    void replay(std::string& out) const;
    [[nodiscard]] std::size_t unacknowledged() const noexcept { return sent_ - acknowledged_; }

  private:
    enum class state { off, begun, enabled };

    void forget_kept() noexcept;

    std::size_t kept_limit_;
    std::uint32_t first_;
    state state_ = state::off;
    bool lossy_ = false;
    bool asking_ = false;
    std::string id_;
    std::uint32_t sent_ = 0, acknowledged_ = 0;
    std::uint32_t received_ = 0, answered_ = 0;
    std::deque<std::string> kept_;  ///< all that is unacknowledged, or nothing while lossy_
    std::size_t kept_bytes_ = 0;
    std::size_t bytes_since_asking_ = 0;
};

/// An `h` attribute: a decimal number below 2^32.
[[nodiscard]] bool read_count(std::string_view text, std::uint32_t& count) noexcept;

}  // namespace crosstalk::xmpp
