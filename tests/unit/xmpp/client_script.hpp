// What a server says to a client in every script, and a client that is run by one.
#pragma once

#include "base/base64.hpp"
#include "script.hpp"
#include "xmpp/client_session.hpp"

namespace crosstalk::xmpp::test {

inline const std::string our_header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' xml:lang='en' to='example.org'>";
inline const std::string server_header =
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
    "xmlns='jabber:client' from='example.org' id='s1' version='1.0' xml:lang='en'>";
inline const std::string starttls_features =
    "<stream:features><starttls "
    "xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>";
inline const std::string scram_features =
    "<stream:features><mechanisms "
    "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-256</mechanism>"
    "<mechanism>PLAIN</mechanism></mechanisms></stream:features>";
inline const std::string bind_features =
    "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><session "
    "xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session><sm xmlns='urn:xmpp:sm:3'/>"
    "</stream:features>";
inline const std::string our_bind =
    "<iq type='set' id='bind'><bind "
    "xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>site</resource></bind></iq>";
inline const std::string bound =
    "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
    "<jid>user@example.org/site</jid></bind></iq>";
inline const std::string our_enable = "<enable xmlns='urn:xmpp:sm:3' resume='true' max='30'/>";
inline const std::string enabled =
    "<enabled xmlns='urn:xmpp:sm:3' id='some-id' resume='true' max='600'/>";

inline std::string sasl(const std::string& name, const std::string& raw) {
    return "<" + name + " xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + base::to_base64(raw) + "</" +
           name + ">";
}
inline std::string our_auth(const std::string& mechanism, const std::string& raw) {
    return "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + mechanism + "'>" +
           base::to_base64(raw) + "</auth>";
}

// The exchange of RFC 7677, section 3: user "user", password "pencil".
inline const std::string nonce = "rOprNGfwEbeRWgbNEkqO";
inline const std::string client_first = "n,,n=user,r=" + nonce;
inline const std::string server_first =
    "r=" + nonce + "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
inline const std::string client_final =
    "c=biws,r=" + nonce +
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
inline const std::string server_final = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

inline client_settings user_settings() {
    client_settings s;
    s.jid = *jid::parse("user@example.org/site");
    s.password = "pencil";
    return s;
}

struct client_conversation : script<client_session> {
    explicit client_conversation(std::size_t piece, client_settings s = user_settings())
        : script<client_session>(piece, std::move(s)) {}

    void secured(tls_facts facts) { session().secured(std::move(facts)); }
    void acknowledge() { session().acknowledge(); }
    [[nodiscard]] std::uint64_t dropped() { return session().dropped(); }

    /// Direct TLS, SCRAM-SHA-256; up to the second stream header.
    void authenticate() {
        begin(true, {}, nonce);
        server(server_header + scram_features);
        writes(our_header + our_auth("SCRAM-SHA-256", client_first));
        server(sasl("challenge", server_first));
        writes(sasl("response", client_final));
        server(sasl("success", server_final));
        writes(our_header);
        is_quiet();
    }
    /// All of it, with stream management confirmed.
    void log_in() {
        authenticate();
        server(server_header + bind_features);
        writes(our_bind);
        server(bound);
        const auto up = expects<online>();
        CHECK(up.jid == "user@example.org/site");
        CHECK_FALSE(up.resumed);
        writes(our_enable);
        server(enabled);
        is_quiet();
        writes("");
    }
};

}  // namespace crosstalk::xmpp::test
