// A client's login and stream: RFC 6120 with TLS, SASL, binding, and XEP-0198 with resumption.
//
// Rule 1: no password and no stanza leaves before TLS; TLS is never optional.
// Rule 2: what cannot be resumed is not sent again: unacknowledged stanzas are dropped and counted.
// Rule 3: only a connection that was lost is resumed; a stream that ended, by either side, is not.
#pragma once

#include <cstdint>
#include <optional>

#include "xmpp/jid.hpp"
#include "xmpp/sasl.hpp"
#include "xmpp/stream_management.hpp"
#include "xmpp/stream_session.hpp"

namespace crosstalk::xmpp {

struct client_settings {
    xmpp::jid jid;  ///< its resource is asked for, unless it has none
    std::string password;
    std::size_t max_stanza = 256 * 1024;        ///< of what we send; servers close the stream for more
    std::size_t queue_limit = 4 * 1024 * 1024;  ///< bytes in output() at most
    std::size_t kept_limit = 4 * 1024 * 1024;   ///< bytes kept for resumption at most
    unsigned resumption_seconds = 30;           ///< how long we ask the server to wait for us
    parser_limits inbound = {};
};

class client_session final : public stream_session {
  public:
    explicit client_session(client_settings settings);

    void begin(bool secure, tls_facts facts, std::string random) override;
    void secured(tls_facts facts) override;
    void lost() override;
    void close() override;
    [[nodiscard]] result<void> send(std::string_view stanza) override;

    /// Tells the server now what has been received (<a/>), if it does not know yet.
    void acknowledge();
    /// The full JID that the server bound; "" before the first login.
    [[nodiscard]] const std::string& bound_jid() const noexcept { return bound_jid_; }
    /// Stanzas that were never acknowledged and given up, since the beginning.
    [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

  private:
    enum class step {
        idle,
        header,
        features,
        starttls,
        tls,
        challenge,
        binding,
        session,
        resuming,
        online
    };

    void opened(const stream_header& header) override;
    void handle(element&& stanza) override;
    void over() override;

    void send_header();
    void on_features(const element& features);
    void ask_for_tls(const element& features);
    void log_in(const element& features);
    void after_login(const element& features);
    void on_starttls(const element& answer);
    void on_sasl(const element& answer);
    void on_sasl_success(const element& answer);
    void resume();
    void on_resuming(const element& answer);
    void bind();
    void on_bound(const element& answer);
    void establish_session();
    void on_session(const element& answer);
    void on_online(element&& stanza);
    void on_management(const element& nonza);
    void on_enabled(const element& nonza);
    void on_acknowledged(std::string_view h);
    void go_online();
    void give_up_resumption();
    void ask_if_due();
    void answer_count();
    void write(const element& nonza);

    client_settings settings_;
    step step_ = step::idle;
    bool secure_ = false;
    bool authenticated_ = false;
    bool wants_session_ = false;  ///< the server requires <session/> (RFC 3921)
    bool offers_management_ = false;
    bool offers_binding_ = false;
    tls_facts facts_;
    std::string random_;
    std::optional<sasl_login> login_;
    stream_management management_;
    std::string bound_jid_;
    std::uint64_t dropped_ = 0;
};

}  // namespace crosstalk::xmpp
