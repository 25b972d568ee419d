// Implementation of component_session.hpp.
#include "xmpp/component_session.hpp"

#include "base/digest.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::xmpp {

component_session::component_session(component_settings settings)
    : stream_session(settings.inbound), settings_(std::move(settings)) {}

void component_session::begin(bool /*secure*/, tls_facts /*facts*/, std::string /*random*/) {
    start();
    step_ = step::header;
    output_ +=
        "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
        "xmlns:stream='http://etherx.jabber.org/streams' to='";
    append_escaped(output_, settings_.domain);
    output_ += "'>";
}

void component_session::secured(tls_facts /*facts*/) {}

void component_session::opened(const stream_header& header) {
    if (header.content_ns != ns::component)
        return fail(errc::login_out_of_order, "this port does not take components (XEP-0114)");
    // A server that refuses the domain says so behind a header without an id.
    if (header.id.empty()) return;
    step_ = step::handshake;
    output_ += "<handshake>";
    output_ += base::to_hex(base::digest(base::hash::sha1, header.id + settings_.secret));
    output_ += "</handshake>";
}

void component_session::handle(element&& stanza) {
    if (step_ == step::online) {
        if (is_iq(stanza) || is_message(stanza) || is_presence(stanza))
            emit(received{std::move(stanza)});
        return;
    }
    if (step_ != step::handshake || !stanza.is("handshake", ns::client))
        return fail(errc::login_out_of_order,
                    "<" + stanza.name() + "/> came before the handshake was accepted");
    step_ = step::online;
    emit(online{settings_.domain, false});
}

void component_session::over() { step_ = step::idle; }

void component_session::lost() {
    stream_session::lost();
    step_ = step::idle;
}

result<void> component_session::send(std::string_view stanza) {
    if (step_ != step::online || is_closing()) return errc::not_online;
    if (const result<void> legal = check_stanza(stanza, settings_.max_stanza); !legal) return legal;
    if (output_.size() + stanza.size() > settings_.queue_limit) return errc::too_many_queued;
    output_ += stanza;
    return {};
}

}  // namespace crosstalk::xmpp
