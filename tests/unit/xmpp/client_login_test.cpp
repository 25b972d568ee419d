// A client's login as a script: TLS, SASL, binding, and whatever a server may do instead.
#include <doctest/doctest.h>

#include "client_script.hpp"

using namespace crosstalk;
using namespace crosstalk::xmpp;
using namespace crosstalk::xmpp::test;

namespace {

std::string failure(const std::string& inside) {
    return "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>" + inside + "</failure>";
}

std::string features_with(const std::string& mechanism, const std::string& more = {}) {
    return "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>" +
           mechanism + "</mechanism></mechanisms>" + more + "</stream:features>";
}

}  // namespace

TEST_CASE("a client logs in over STARTTLS") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.begin(false, {}, nonce);
        c.writes(our_header);
        c.server(server_header);
        c.writes("");
        c.server(starttls_features);
        c.writes("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        c.server("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        c.expects<needs_tls>();
        c.is_quiet();
        c.writes("");
        c.secured({});
        c.writes(our_header);
        c.server(server_header + scram_features);
        c.writes(our_auth("SCRAM-SHA-256", client_first));
        c.server(sasl("challenge", server_first));
        c.writes(sasl("response", client_final));
        c.server(sasl("success", server_final));
        c.writes(our_header);
        c.server(server_header + bind_features);
        c.writes(our_bind);
        c.server(bound);
        CHECK(c.expects<online>().jid == "user@example.org/site");
        CHECK(c.session().bound_jid() == "user@example.org/site");
        c.writes(our_enable);
    });
}

TEST_CASE("without TLS there is no login") {
    in_pieces([](std::size_t piece) {
        client_conversation none(piece);
        none.begin(false, {}, nonce);
        none.server(server_header + scram_features);
        none.ends(errc::tls_unavailable, "");
        none.writes(our_header + "</stream:stream>");

        client_conversation refused(piece);
        refused.begin(false, {}, nonce);
        refused.server(server_header + starttls_features);
        refused.server("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
        refused.ends(errc::tls_unavailable, "the server refused <starttls/>");
    });
}

TEST_CASE("what comes in the clear behind <proceed/> is never believed") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.begin(false, {}, nonce);
        c.server(server_header + starttls_features);
        c.output().clear();
        c.session().receive("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + server_header +
                            features_with("PLAIN"));
        c.expects<needs_tls>();
        c.is_quiet();
        c.writes("");
        c.secured({});
        c.writes(our_header);
    });
    client_conversation c(1);
    c.begin(false, {}, nonce);
    c.server(server_header + starttls_features + "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    c.expects<needs_tls>();
    c.server(server_header);
    c.ends(errc::login_out_of_order, "a stream header came unasked");
    c.output().clear();
    c.secured({});
    c.writes("");
}

TEST_CASE("the channel is bound when both sides can") {
    client_conversation c(1 << 20);
    c.begin(true, {"", "", "finished"}, "no,nce");
    c.server(server_header + features_with("SCRAM-SHA-256-PLUS"));
    c.writes(our_header + our_auth("SCRAM-SHA-256-PLUS", "p=tls-unique,,n=user,r=nonce"));
}

TEST_CASE("PLAIN is used inside TLS when there is nothing better") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.begin(true, {}, nonce);
        c.server(server_header + features_with("PLAIN"));
        c.writes(our_header + our_auth("PLAIN", std::string("\0user\0pencil", 12)));
        c.server("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        c.writes(our_header);
        c.is_quiet();
    });
}

TEST_CASE("a refused password is told, with the server's words") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.begin(true, {}, nonce);
        c.server(server_header + scram_features + sasl("challenge", server_first));
        c.server(failure("<not-authorized/><text xml:lang='en'>Wrong password</text>"));
        c.ends(errc::not_authorized, "not-authorized: Wrong password");

        client_conversation later(piece);
        later.begin(true, {}, nonce);
        later.server(server_header + scram_features + failure("<temporary-auth-failure/>"));
        later.ends(errc::try_later, "temporary-auth-failure");

        client_conversation weak(piece);
        weak.begin(true, {}, nonce);
        weak.server(server_header + scram_features + failure("<mechanism-too-weak/>"));
        weak.ends(errc::no_mechanism, "mechanism-too-weak");
    });
}

TEST_CASE("no mechanism in common, or no password to use, ends the login") {
    client_conversation none(1 << 20);
    none.begin(true, {}, nonce);
    none.server(server_header + features_with("EXTERNAL"));
    none.ends(errc::no_mechanism, "");

    client_settings s = user_settings();
    s.password = "bell\x07";
    client_conversation bad(1 << 20, s);
    bad.begin(true, {}, nonce);
    bad.server(server_header + scram_features);
    bad.ends(errc::not_authorized,
             "the password is empty or holds characters that no XMPP password may");
    bad.writes(our_header + "</stream:stream>");
}

TEST_CASE("a server that cannot prove itself is left before anything else is said") {
    in_pieces([](std::size_t piece) {
        for (const std::string& success :
             {sasl("success", "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), sasl("success", ""),
              sasl("success", "v="),
              std::string("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>!</success>")}) {
            CAPTURE(success);
            client_conversation c(piece);
            c.begin(true, {}, nonce);
            c.server(server_header + scram_features + sasl("challenge", server_first));
            c.output().clear();
            c.server(success + server_header + bind_features);
            c.ends(errc::server_not_proven, "it accepted the login without the right proof");
            c.writes("</stream:stream>");
        }
        client_conversation early(piece);
        early.begin(true, {}, nonce);
        early.server(server_header + scram_features + sasl("success", server_final));
        early.ends(errc::server_not_proven, "it accepted the login without the right proof");
    });
}

TEST_CASE("challenges that make no sense end the login") {
    in_pieces([](std::size_t piece) {
        client_conversation other(piece);
        other.begin(true, {}, nonce);
        other.server(server_header + scram_features + sasl("challenge", "r=not-ours,s=AAAA,i=1"));
        other.ends(errc::server_not_proven, "its challenge cannot be answered");

        client_conversation raw(piece);
        raw.begin(true, {}, nonce);
        raw.server(server_header + scram_features);
        raw.server("<challenge xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>*</challenge>");
        raw.ends(errc::server_not_proven, "its challenge is not base64");

        client_conversation plain(piece);
        plain.begin(true, {}, nonce);
        plain.server(server_header + features_with("PLAIN") + sasl("challenge", "x"));
        plain.ends(errc::login_out_of_order, "its challenge cannot be answered");

        client_conversation iq(piece);
        iq.begin(true, {}, nonce);
        iq.server(server_header + scram_features + "<iq type='get'/>");
        iq.ends(errc::login_out_of_order, "<iq/> came in place of a SASL answer");
    });
}

TEST_CASE("the server's proof may come as a challenge") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.begin(true, {}, nonce);
        c.server(server_header + scram_features + sasl("challenge", server_first));
        c.output().clear();
        c.server(sasl("challenge", server_final));
        c.writes("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        c.server("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        c.writes(our_header);

        client_conversation wrong(piece);
        wrong.begin(true, {}, nonce);
        wrong.server(server_header + scram_features + sasl("challenge", server_first) +
                     sasl("challenge", "v=AAAA"));
        wrong.ends(errc::server_not_proven, "its challenge cannot be answered");
    });
}

TEST_CASE("a refused or strange binding ends the login") {
    const auto answered = [](const std::string& answer) {
        return "<iq type='result' id='bind'>" + answer + "</iq>";
    };
    const std::string x = " xmlns='urn:ietf:params:xml:ns:xmpp-bind'";
    in_pieces([&](std::size_t piece) {
        client_conversation refused(piece);
        refused.authenticate();
        refused.server(server_header + bind_features +
                       "<iq type='error' id='bind'><error type='cancel'><conflict "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>in use</text></error></iq>");
        refused.ends(errc::bind_refused, "conflict: in use");

        for (const std::string& answer :
             {std::string(), "<bind" + x + "/>", "<bind" + x + "><jid/></bind>",
              "<bind" + x + "><jid>user@example.org</jid></bind>",
              "<bind" + x + "><jid>user@/r</jid></bind>"}) {
            CAPTURE(answer);
            client_conversation c(piece);
            c.authenticate();
            c.server(server_header + bind_features + answered(answer));
            c.ends(errc::bind_refused, "the server bound no full JID");
        }

        client_conversation none(piece);
        none.authenticate();
        none.server(server_header + "<stream:features/>");
        none.ends(errc::bind_refused, "the server offers no resource binding");
    });
}

TEST_CASE("the server's resource counts, and ours is not asked for when there is none") {
    client_settings s = user_settings();
    s.jid = *jid::parse("user@example.org");
    client_conversation c(1 << 20, s);
    c.authenticate();
    c.server(server_header +
             "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
    c.writes("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    c.server("<message from='example.org'/><iq type='result' id='other'/>");
    c.server(
        "<iq type='result' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
        "<jid>user@example.org/Xq7</jid></bind></iq>");
    CHECK(c.expects<online>().jid == "user@example.org/Xq7");
    c.writes("");  // no stream management was offered
    CHECK(c.send("<presence/>").has_value());
    c.acknowledge();
    c.server(
        "<r xmlns='urn:xmpp:sm:3'/><a xmlns='urn:xmpp:sm:3' h='9'/><enabled xmlns='urn:xmpp:sm:3' "
        "id='x'/>");
    c.writes("<presence/>");
    c.is_quiet();
}

TEST_CASE("a session is established where the server requires it") {
    const std::string features =
        "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
        "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></stream:features>";
    const std::string request =
        "<iq type='set' id='session'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>";
    in_pieces([&](std::size_t piece) {
        client_conversation c(piece);
        c.authenticate();
        c.server(server_header + features + bound);
        c.writes(our_bind + request);
        c.is_quiet();
        c.server("<iq type='result' id='session'/>");
        c.expects<online>();

        client_conversation refused(piece);
        refused.authenticate();
        refused.server(server_header + features + bound +
                       "<iq type='error' id='session'><error type='wait'><internal-server-error "
                       "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        refused.ends(errc::bind_refused, "internal-server-error");
    });
}

TEST_CASE("nothing is sent before the login is done") {
    client_conversation c(1 << 20);
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.authenticate();
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.acknowledge();
    c.writes("");
    c.server(server_header + bind_features);
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.writes(our_bind);
}

TEST_CASE("streams that are none of ours are left") {
    in_pieces([](std::size_t piece) {
        client_conversation component(piece);
        component.begin(true, {}, nonce);
        component.server(
            "<stream:stream xmlns='jabber:server' version='1.0' "
            "xmlns:stream='http://etherx.jabber.org/streams'>");
        component.ends(errc::login_out_of_order, "this port does not take clients");

        client_conversation old(piece);
        old.begin(true, {}, nonce);
        old.server(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        old.ends(errc::login_out_of_order, "the server does not speak XMPP 1.0");

        client_conversation iq(piece);
        iq.begin(true, {}, nonce);
        iq.server(server_header + "<iq/>");
        iq.ends(errc::login_out_of_order, "<iq/> came in place of the features");
    });
}

TEST_CASE("a stream error in any step ends the login with its name") {
    const std::string error =
        "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>";
    for (const std::string& before :
         {std::string(), scram_features, scram_features + sasl("challenge", server_first)}) {
        in_pieces([&](std::size_t piece) {
            client_conversation c(piece);
            c.begin(true, {}, nonce);
            c.server(server_header + before + error);
            c.ends(errc::host_unknown, "host-unknown");
        });
    }
}
