// Any bytes at all from an XMPP server, to either login: no crash, no growth, no output that is not
// legal.
//
// The first byte says which session and how the rest is cut: bit 0 client or component, bit 1 byte by
// byte, bit 2 a lost connection and a second login with the same bytes. 0xFF in the rest stands for the
// moment at which the owner's TLS handshake would be done.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "xmpp/characters.hpp"
#include "xmpp/client_session.hpp"
#include "xmpp/component_session.hpp"

namespace {

using namespace crosstalk::xmpp;

void require(bool holds) {
    if (!holds) std::abort();
}

std::unique_ptr<session> make_session(bool is_client) {
    parser_limits limits;
    limits.element_bytes = 2048;
    limits.hard_bytes = 4096;
    if (!is_client) {
        component_settings s;
        s.domain = "http.example.org";
        s.secret = "secret";
        s.inbound = limits;
        return std::make_unique<component_session>(std::move(s));
    }
    client_settings s;
    s.jid = *jid::parse("user@example.org/site");
    s.password = "pencil";
    s.inbound = limits;
    return std::make_unique<client_session>(std::move(s));
}

/// Drains the events as an owner would, and writes every stanza back.
void drain(session& s) {
    bool is_over = false;
    while (auto event = s.poll()) {
        require(!is_over);
        is_over = std::holds_alternative<ended>(*event);
        if (const auto* stanza = std::get_if<received>(&*event)) {
            const auto sent = s.send(stanza->stanza.to_xml());
            static_cast<void>(sent);
        }
        if (auto* client = dynamic_cast<client_session*>(&s)) client->acknowledge();
    }
    require(is_legal_text(s.output()));
    s.output().clear();
}

void converse(session& s, std::string_view bytes, std::size_t piece) {
    s.begin(false, {}, "rOprNGfwEbeRWgbNEkqO");
    while (!bytes.empty()) {
        if (bytes.front() == '\xFF') {
            s.secured({"0123456789abcdef0123456789abcdef", "end-point"});
            bytes.remove_prefix(1);
            continue;
        }
        const std::string_view part = bytes.substr(0, bytes.find('\xFF')).substr(0, piece);
        s.receive(part);
        drain(s);
        bytes.remove_prefix(part.size());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::uint8_t how = data[0];
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t piece = (how & 2) != 0 ? 1 : bytes.size() + 1;
    const auto s = make_session((how & 1) != 0);
    converse(*s, bytes, piece);
    if ((how & 4) != 0) {
        s->lost();
        converse(*s, bytes, piece);
    }
    s->close();
    drain(*s);
    return 0;
}
