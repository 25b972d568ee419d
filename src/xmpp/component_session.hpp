// A component's login and stream (XEP-0114).
//
// Rule: nothing but the header and the handshake is written before the server has accepted the
// handshake.
#pragma once

#include "xmpp/stream_session.hpp"

namespace crosstalk::xmpp {

struct component_settings {
    std::string domain;
    std::string secret;
    std::size_t max_stanza = 512 * 1024;        ///< of what we send; servers close the stream for more
    std::size_t queue_limit = 4 * 1024 * 1024;  ///< bytes in output() at most
    parser_limits inbound = {};
};

class component_session final : public stream_session {
  public:
    explicit component_session(component_settings settings);

    void begin(bool secure, tls_facts facts, std::string random) override;
    void secured(tls_facts facts) override;  ///< never asked for: component streams are plain
    void lost() override;
    [[nodiscard]] result<void> send(std::string_view stanza) override;

  private:
    void opened(const stream_header& header) override;
    void handle(element&& stanza) override;
    void over() override;

    enum class step { idle, header, handshake, online };

    component_settings settings_;
    step step_ = step::idle;
};

}  // namespace crosstalk::xmpp
