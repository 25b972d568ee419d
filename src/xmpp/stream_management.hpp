// The counters and the kept stanzas of XEP-0198, without a stream.
//
// Rule 1: counters are modulo 2^32; `h` of the other side may only move forward, and not beyond what
// was sent. Rule 2: kept stanzas are bounded in bytes. Beyond that they are forgotten and the stream
// cannot be resumed
//         until everything sent so far has been acknowledged; sending goes on.
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
    explicit stream_management(std::size_t kept_limit) : kept_limit_(kept_limit) {}

    void enable(std::string id);  ///< <enabled/>: counting starts; `id` is "" when it cannot be resumed
    void disable();               ///< forgets everything
    [[nodiscard]] bool is_enabled() const noexcept { return enabled_; }
    [[nodiscard]] bool may_resume() const noexcept { return enabled_ && !id_.empty() && !lossy_; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }

    void sent(std::string_view stanza);
    void received() noexcept { ++received_; }
    /// The other side's `h`. False when it is impossible.
    [[nodiscard]] bool acknowledged(std::uint32_t h);
    [[nodiscard]] std::uint32_t received_count() const noexcept { return received_; }

    /// Whether <r/> is due: 16 stanzas or 64 KiB unacknowledged, none asked for. Call asked() then.
    [[nodiscard]] bool should_ask() const noexcept;
    void asked() noexcept { asking_ = true; }
    /// Whether anything has come since the last answered().
    [[nodiscard]] bool owes_answer() const noexcept { return received_ != answered_; }
    void answered() noexcept { answered_ = received_; }

    /// On a new connection: no request is outstanding there.
    void resumed() noexcept;
    /// Appends what is unacknowledged, in order.
    void replay(std::string& out) const;
    [[nodiscard]] std::size_t unacknowledged() const noexcept { return sent_ - acknowledged_; }

  private:
    std::size_t kept_limit_;
    bool enabled_ = false;
    bool lossy_ = false;
    bool asking_ = false;
    std::string id_;
    std::uint32_t sent_ = 0, acknowledged_ = 0;
    std::uint32_t received_ = 0, answered_ = 0;
    std::deque<std::string> kept_;
    std::size_t kept_bytes_ = 0;
    std::deque<std::uint32_t> sizes_;  ///< of what is unacknowledged, kept or not
    std::size_t unacknowledged_bytes_ = 0;
};

/// An `h` attribute: a decimal number below 2^32.
[[nodiscard]] bool read_count(std::string_view text, std::uint32_t& count) noexcept;

}  // namespace crosstalk::xmpp
