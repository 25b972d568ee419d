// A component's login as a script, with everything that a server may do instead.
#include "xmpp/component_session.hpp"

#include <doctest/doctest.h>

#include "base/digest.hpp"
#include "script.hpp"

using namespace crosstalk;
using namespace crosstalk::xmpp;
using test::in_pieces;
using test::script;

namespace {

const std::string our_header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' to='http.example.org'>";
const std::string server_header =
    "<?xml version='1.0'?><stream:stream xmlns:stream='http://etherx.jabber.org/streams' "
    "xmlns='jabber:component:accept' from='http.example.org' id='3BF96D32'>";
const std::string our_handshake =
    "<handshake>" + base::to_hex(base::digest(base::hash::sha1, "3BF96D32secret")) + "</handshake>";

component_settings settings() {
    component_settings s;
    s.domain = "http.example.org";
    s.secret = "secret";
    return s;
}

struct conversation : script<component_session> {
    explicit conversation(std::size_t piece, component_settings s = settings())
        : script<component_session>(piece, std::move(s)) {}

    void log_in() {
        begin(false, {}, "0123456789abcdef01234567");
        writes(our_header);
        is_quiet();
        server(server_header);
        writes(our_handshake);
        is_quiet();
        server("<handshake/>");
        const auto up = expects<online>();
        CHECK(up.jid == "http.example.org");
        CHECK_FALSE(up.resumed);
        is_quiet();
        writes("");
    }
};

}  // namespace

TEST_CASE("a component attaches, receives and sends") {
    in_pieces([](std::size_t piece) {
        conversation c(piece);
        c.log_in();
        c.server(
            "<iq type='get' id='1' from='a@b/c' to='http.example.org'><ping "
            "xmlns='urn:xmpp:ping'/></iq>"
            "<message from='a@b'/> <presence from='a@b/c'/>");
        CHECK(c.expects<received>().stanza.child("ping", ns::ping) != nullptr);
        CHECK(c.expects<received>().stanza.is("message", ns::client));
        CHECK(c.expects<received>().stanza.is("presence", ns::client));
        c.is_quiet();
        CHECK(c.send("<iq type='result' id='1' to='a@b/c'/>").has_value());
        CHECK(c.send("<presence/>").has_value());
        c.writes("<iq type='result' id='1' to='a@b/c'/><presence/>");
    });
}

TEST_CASE("the handshake of XEP-0114, example 3") {
    CHECK(base::to_hex(base::digest(base::hash::sha1, "3BF96D32test")) ==
          "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e");
}

TEST_CASE("nothing is sent before the handshake is accepted") {
    conversation c(1 << 20);
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.begin(false, {}, "");
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.server(server_header);
    CHECK(c.send("<iq/>").error() == errc::not_online);
    c.writes(our_header + our_handshake);
}

TEST_CASE("each stream error is told by its name and the server's text") {
    const auto with_error = [](const std::string& inside) {
        return "<stream:error>" + inside + "</stream:error></stream:stream>";
    };
    const std::string x = " xmlns='urn:ietf:params:xml:ns:xmpp-streams'";
    in_pieces([&](std::size_t piece) {
        struct row {
            std::string inside;
            errc error;
            std::string text;
        };
        for (const row& r :
             {row{"<conflict" + x + "/><text" + x + ">Already connected</text>", errc::conflict,
                  "conflict: Already connected"},
              row{"<not-authorized" + x + "/>", errc::not_authorized, "not-authorized"},
              row{"<text" + x + ">gone</text><host-unknown" + x + "/>", errc::host_unknown,
                  "host-unknown: gone"},
              row{"<policy-violation" + x + "/>", errc::policy_violation, "policy-violation"},
              row{"<system-shutdown" + x + "/>", errc::system_shutdown, "system-shutdown"},
              row{"<undefined-condition" + x + "/>", errc::stream_error, "undefined-condition"},
              row{"", errc::stream_error, ""}}) {
            CAPTURE(r.inside);
            conversation before(piece);
            before.begin(false, {}, "");
            before.server(server_header + with_error(r.inside));
            before.ends(r.error, r.text);
            before.writes(our_header + our_handshake + "</stream:stream>");

            conversation after(piece);
            after.log_in();
            after.server("<message/>" + with_error(r.inside) + "<message/>");
            after.expects<received>();
            after.ends(r.error, r.text);
            after.writes("</stream:stream>");
            CHECK(after.send("<iq/>").error() == errc::not_online);
        }
    });
}

TEST_CASE("a server that does something else in the login is left") {
    in_pieces([](std::size_t piece) {
        conversation stanza_first(piece);
        stanza_first.begin(false, {}, "");
        stanza_first.server(server_header + "<iq type='get'/>");
        stanza_first.ends(errc::login_out_of_order, "<iq/> came before the handshake was accepted");

        conversation client_port(piece);
        client_port.begin(false, {}, "");
        client_port.server(
            "<stream:stream xmlns='jabber:client' id='1' "
            "xmlns:stream='http://etherx.jabber.org/streams'>");
        client_port.ends(errc::login_out_of_order, "this port does not take components (XEP-0114)");
        client_port.writes(our_header + "</stream:stream>");

        const std::string no_id =
            "<stream:stream xmlns='jabber:component:accept' "
            "xmlns:stream='http://etherx.jabber.org/streams' id=''>";
        conversation unknown(piece);
        unknown.begin(false, {}, "");
        unknown.server(
            no_id +
            "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
        unknown.ends(errc::host_unknown, "host-unknown");
        unknown.writes(our_header + "</stream:stream>");

        conversation unasked(piece);
        unasked.begin(false, {}, "");
        unasked.server(no_id + "<handshake/>");
        unasked.ends(errc::login_out_of_order, "<handshake/> came before the handshake was accepted");

        conversation closes(piece);
        closes.begin(false, {}, "");
        closes.server(server_header + "</stream:stream>");
        closes.ends(errc::stream_closed, "");
    });
}

TEST_CASE("XML that is none is answered with a stream error") {
    const std::string refusal =
        "<stream:error><not-well-formed xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
        "</stream:stream>";
    in_pieces([&](std::size_t piece) {
        conversation c(piece);
        c.log_in();
        c.server("<message/><iq><!-- --></iq><message/>");
        c.expects<received>();
        c.ends(errc::malformed_xml, "comments are forbidden");
        c.writes(refusal);
    });
}

TEST_CASE("a stanza beyond the inbound limit comes bare, one without an end ends the stream") {
    in_pieces([](std::size_t piece) {
        component_settings s = settings();
        s.inbound.element_bytes = 1000;
        s.inbound.hard_bytes = 2000;
        conversation c(piece, s);
        c.log_in();
        c.server("<message from='a@b'><body>" + std::string(1000, 'x') + "</body></message>");
        CHECK(c.expects<received>().stanza.to_xml() == "<message from='a@b'/>");
        c.server("<message><body>" + std::string(2000, 'x'));
        c.ends(errc::stanza_too_large, "more than 2000 bytes in one element");
        c.writes(
            "<stream:error><policy-violation "
            "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
            "</stream:stream>");
    });
}

TEST_CASE("no stanza leaves that a server would close the stream for") {
    component_settings s = settings();
    s.max_stanza = 100;
    conversation c(1 << 20, s);
    c.log_in();
    const std::string largest = "<message>" + std::string(81, 'x') + "</message>";
    CHECK(c.send(largest).has_value());
    c.output().clear();
    CHECK(c.send(largest + " ").error() == errc::stanza_too_large);
    for (const std::string& bad :
         {std::string(), std::string("text"), std::string(" <iq/>"), std::string("<iq>\x01</iq>"),
          std::string("<iq>\0</iq>", 10), std::string("<iq>\xFF</iq>"),
          std::string("<iq>\xEF\xBF\xBE</iq>")}) {
        CAPTURE(bad);
        CHECK(c.send(bad).error() == errc::malformed_xml);
    }
    c.writes("");
}

TEST_CASE("the queue is bounded") {
    component_settings s = settings();
    s.queue_limit = 20;
    conversation c(1 << 20, s);
    c.log_in();
    CHECK(c.send("<iq id='1'/>").has_value());
    CHECK(c.send("<iq id='2'/>").error() == errc::too_many_queued);
    c.writes("<iq id='1'/>");
    CHECK(c.send("<iq id='2'/>").has_value());
}

TEST_CASE("the stream is closed in order, and what comes meanwhile still counts") {
    in_pieces([](std::size_t piece) {
        conversation c(piece);
        c.log_in();
        c.close();
        c.close();
        c.writes("</stream:stream>");
        CHECK(c.send("<iq/>").error() == errc::not_online);
        c.server("<message/></stream:stream>");
        c.expects<received>();
        c.ends(errc::stream_closed, "");
        c.writes("");
    });
}

TEST_CASE("a lost connection is followed by another from the beginning") {
    in_pieces([](std::size_t piece) {
        conversation c(piece);
        c.log_in();
        CHECK(c.send("<iq/>").has_value());
        c.server("<iq><half");
        c.lost();
        c.server("<message/>");
        c.is_quiet();
        CHECK(c.send("<iq/>").error() == errc::not_online);
        c.log_in();
        c.server("<message/>");
        c.expects<received>();
    });
}
