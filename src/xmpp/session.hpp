// An XMPP stream as a state machine: bytes in, events and bytes out. Component login (XEP-0114) and
// client login (RFC 6120 with SASL, binding, XEP-0198) are its two kinds.
//
// Rule 1: no socket, no clock, no randomness: what is random comes in the settings or as arguments.
// Rule 2: a session outlives its connections: begin() starts on each new one, and what XEP-0198
//         needs to resume is kept in between.
// Rule 3: after `ended` nothing more comes until the next begin().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "crosstalk/error.hpp"
#include "xmpp/element.hpp"

namespace crosstalk::xmpp {

/// What channel binding needs of a TLS connection, raw. Empty when unknown.
struct tls_facts {
    std::string exporter = {};   ///< tls-exporter (RFC 9266), 32 bytes; TLS 1.3 only
    std::string end_point = {};  ///< tls-server-end-point (RFC 5929, 4)
    std::string unique = {};     ///< tls-unique (RFC 5929, 3); up to TLS 1.2 only
};

/// The owner now makes the TLS handshake on the connection and then calls secured().
struct needs_tls {};
/// Stanzas may flow. `resumed`: as if the connection had never been gone.
struct online {
    std::string jid;  ///< the component's domain or the full JID that was bound
    bool resumed = false;
};
/// A whole stanza (iq, message, presence).
struct received {
    element stanza;
};
/// The stream is over; the owner closes the connection after writing the rest of the output.
struct ended {
    error_code error;
    std::string text;  ///< what the server said of it, or ""
};
using session_event = std::variant<needs_tls, online, received, ended>;

class session {
  public:
    virtual ~session() = default;

    /// A connection is up. `random` is fresh for each call: 24 characters or more, printable.
    virtual void begin(bool secure, tls_facts facts, std::string random) = 0;
    /// The TLS handshake that needs_tls asked for is done.
    virtual void secured(tls_facts facts) = 0;
    virtual void receive(std::string_view bytes) = 0;
    [[nodiscard]] virtual std::optional<session_event> poll() = 0;
    /// The connection is gone without `ended`.
    virtual void lost() = 0;

    /// Queues a whole stanza, as XML without xmlns. It is refused before `online` (not_online), beyond
    /// the limits (too_many_queued, stanza_too_large) and when it is no legal text (malformed_xml).
    [[nodiscard]] virtual result<void> send(std::string_view stanza) = 0;
    /// Ends the stream in order.
    virtual void close() = 0;

    /// Bytes to write, in order; the owner swaps them out.
    [[nodiscard]] std::string& output() noexcept { return output_; }

  protected:
    std::string output_;
};

}  // namespace crosstalk::xmpp
