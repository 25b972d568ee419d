// An xmpp::session kept alive on the network: dial, log in, read, write, ping, and again for ever.
//
// Rule 1: run() ends only by stop(), or by a login failure when the settings say that these are final.
// Rule 2: one write in flight; what is sent meanwhile gathers behind it and goes in one piece.
//         A burst of send() within one handler becomes one write.
// Rule 3: the send queue is bounded: beyond `queue_limit` may_send() is false, and send() fails well
// above it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "net/dial.hpp"
#include "net/task_group.hpp"
#include "xmpp/session.hpp"

namespace crosstalk::net {

/// What a link tells its owner; called on the link's thread, never from within send().
struct link_events {
    std::function<void(const xmpp::online&)> on_online;
    std::function<void(xmpp::element&&)> on_stanza;
    /// The stream is gone; it is tried again in `retry`. `error` and `text` say why.
    std::function<void(error_code error, const std::string& text, base::milliseconds retry)> on_offline;
    /// A batch of received bytes has been worked through: time to flush what it caused.
    std::function<void()> on_idle;
    /// The queue has fallen below its limit again.
    std::function<void()> on_writable;
};

struct link_settings {
    std::string server_host;  ///< "" = SRV records of `domain`
    std::uint16_t server_port = 0;
    std::string domain;  ///< for SRV and for the certificate's name
    bool direct_tls = false;
    tls_client_context tls;  ///< null ssl: the session never asks for TLS
    std::size_t queue_limit = 256 * 1024;
    base::milliseconds connect_timeout{10'000};
    base::milliseconds login_timeout{30'000};
    base::milliseconds silence{30'000};  ///< then ping_stanza is sent ...
    base::milliseconds silence_limit{
        10'000};  ///< ... and without any byte after it the link is half-open: dropped
    base::milliseconds backoff_first{250},
        backoff_most{30'000};                  ///< doubled each time, half of it jittered
    std::function<std::string()> ping_stanza;  ///< a stanza that the server will answer
    /// Refused credentials end run(); so do a bad certificate and whatever else speaks of a wrong
    /// configuration, unless this link has been online before: then they are tried again.
    bool login_failure_is_final = false;
    bool quick_ack =
        false;  ///< for component streams: the server's Nagle waits for our acknowledgement
};

class xmpp_link {
  public:
    xmpp_link(executor ex, resolver& names, xmpp::session& session, link_settings settings,
              link_events events);
    xmpp_link(const xmpp_link&) = delete;
    xmpp_link& operator=(const xmpp_link&) = delete;
    ~xmpp_link();  ///< run() must have returned

    /// Connects and serves until stop(); the result is what ended it (success after stop()), trouble()
    /// has the words. Cancelling it drops the connection at once.
    [[nodiscard]] awaitable<result<void>> run();
    /// Sends what is queued, closes the stream in order, and lets run() return; 2 s at most.
    void stop();

    [[nodiscard]] bool is_online() const noexcept;
    [[nodiscard]] bool may_send() const noexcept;  ///< online and the queue below its limit
    /// Queues a stanza (XML without xmlns) and starts writing once the current handler has returned.
    [[nodiscard]] result<void> send(std::string_view stanza);
    [[nodiscard]] result<void> send(const xmpp::element& stanza);
    /// What the last failure was, in words: for /readyz and logs.
    [[nodiscard]] const std::string& trouble() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::net
