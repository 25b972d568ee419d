// A client whose connection breaks: what is counted, asked, kept, sent again and given up.
#include <doctest/doctest.h>

#include "client_script.hpp"

using namespace crosstalk;
using namespace crosstalk::xmpp;
using namespace crosstalk::xmpp::test;

namespace {

std::string ours(const std::string& rest) {
    const std::size_t name_end = rest.find_first_of(" /");
    return "<" + rest.substr(0, name_end) + " xmlns='urn:xmpp:sm:3'" + rest.substr(name_end) + ">";
}
const std::string ask = ours("r/");

}  // namespace

TEST_CASE("the server's question is answered with the number of stanzas received") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.log_in();
        c.server(ask);
        c.writes(ours("a h='0'/"));
        c.server("<message/> <iq type='get'/><presence/>" + ask);
        c.writes(ours("a h='3'/"));
        for (int i = 0; i < 3; ++i) c.expects<received>();
        c.is_quiet();
    });
}

TEST_CASE("what was received is acknowledged on demand, once") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.log_in();
        c.acknowledge();
        c.writes("");
        c.server("<message/>");
        c.acknowledge();
        c.acknowledge();
        c.writes(ours("a h='1'/"));
        c.server("<message/><message/>" + ask);
        c.acknowledge();
        c.writes(ours("a h='3'/"));
    });
}

TEST_CASE("after sixteen stanzas the server is asked, once at a time") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.log_in();
        std::string expected;
        for (int i = 0; i < 40; ++i) {
            REQUIRE(c.send("<iq/>").has_value());
            expected += i == 15 ? "<iq/>" + ask : "<iq/>";
        }
        c.writes(expected);
        c.server(ours("a h='16'/"));
        c.writes(ask);
        c.server(ours("a h='40'/"));
        c.writes("");
    });
}

TEST_CASE("a broken connection is resumed and what is unacknowledged sent again") {
    in_pieces([](std::size_t piece) {
        client_conversation c(piece);
        c.log_in();
        for (const char* s : {"<iq id='1'/>", "<iq id='2'/>", "<iq id='3'/>"})
            REQUIRE(c.send(s).has_value());
        c.server("<message/>" + ours("a h='1'/") + "<message/>");
        c.output().clear();
        c.lost();
        for (int i = 0; i < 2; ++i) c.expects<received>();
        CHECK(c.send("<iq/>").error() == errc::not_online);

        c.authenticate();
        c.server(server_header + bind_features);
        c.writes(ours("resume previd='some-id' h='2'/"));
        CHECK(c.send("<iq/>").error() == errc::not_online);
        c.server(ours("resumed previd='some-id' h='2'/"));
        const auto up = c.expects<online>();
        CHECK(up.resumed);
        CHECK(up.jid == "user@example.org/site");
        c.writes("<iq id='3'/>");
        REQUIRE(c.send("<iq id='4'/>").has_value());
        c.server("<message/>" + ask);
        c.writes("<iq id='4'/>" + ours("a h='3'/"));
        c.server(ours("a h='4'/"));
        CHECK(c.dropped() == 0);

        c.lost();
        c.expects<received>();
        c.authenticate();
        c.server(server_header + bind_features);
        c.writes(ours("resume previd='some-id' h='3'/"));
        c.server(ours("resumed previd='some-id' h='4'/"));
        CHECK(c.expects<online>().resumed);
        c.writes("");
    });
}

TEST_CASE("a connection may break again in each step of a resumption") {
    const std::vector<std::string> steps{"", server_header, server_header + scram_features};
    for (const std::string& step : steps) {
        client_conversation c(1 << 20);
        c.log_in();
        REQUIRE(c.send("<iq id='1'/>").has_value());
        c.lost();
        c.begin(true, {}, nonce);
        c.server(step);
        c.lost();
        c.authenticate();
        c.server(server_header + bind_features);
        c.writes(ours("resume previd='some-id' h='0'/"));
        c.lost();
        c.authenticate();
        c.server(server_header + bind_features);
        c.writes(ours("resume previd='some-id' h='0'/"));
        c.server(ours("resumed previd='some-id' h='0'/"));
        CHECK(c.expects<online>().resumed);
        c.writes("<iq id='1'/>");
    }
}

TEST_CASE("what cannot be resumed is bound anew, and nothing is sent twice") {
    in_pieces([](std::size_t piece) {
        struct row {
            std::string answer;
            std::uint64_t dropped;
        };
        for (const row& r : {row{ours("failed/"), 2}, row{ours("failed h='1'/"), 1},
                             row{"<failed xmlns='urn:xmpp:sm:3' h='2'><item-not-found "
                                 "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
                                 0},
                             row{ours("failed h='77'/"), 2}}) {
            CAPTURE(r.answer);
            client_conversation c(piece);
            c.log_in();
            REQUIRE(c.send("<iq id='1'/>").has_value());
            REQUIRE(c.send("<iq id='2'/>").has_value());
            c.server("<message/>");
            c.lost();
            c.expects<received>();
            c.authenticate();
            c.server(server_header + bind_features);
            c.output().clear();
            c.server(r.answer);
            c.writes(our_bind);
            CHECK(c.dropped() == r.dropped);
            c.server(bound);
            CHECK_FALSE(c.expects<online>().resumed);
            c.writes(our_enable);
            c.server(enabled + ask);
            c.writes(ours("a h='0'/"));
        }
    });
}

TEST_CASE("a server that has forgotten how to resume is not asked to") {
    client_conversation c(1 << 20);
    c.log_in();
    REQUIRE(c.send("<iq/>").has_value());
    c.lost();
    c.authenticate();
    c.server(server_header +
             "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
    c.writes(our_bind);
    CHECK(c.dropped() == 1);
}

TEST_CASE("acknowledgements alone are used where the server resumes nothing") {
    for (const std::string& answer :
         {ours("enabled/"), ours("enabled id='x'/"), ours("enabled id='x' resume='false'/")}) {
        client_conversation c(1 << 20);
        c.authenticate();
        c.server(server_header + bind_features + bound + answer + "<message/>" + ask);
        c.writes(our_bind + our_enable + ours("a h='1'/"));
        REQUIRE(c.send("<iq/>").has_value());
        c.lost();
        c.authenticate();
        c.server(server_header + bind_features);
        c.writes(our_bind);
        CHECK(c.dropped() == 1);
    }
}

TEST_CASE("a stream without management goes on when the server refuses it") {
    client_conversation c(1 << 20);
    c.authenticate();
    c.server(server_header + bind_features + bound);
    c.expects<online>();
    REQUIRE(c.send("<presence/>").has_value());
    c.server(ours("failed/") + "<message/>" + ask + ours("a h='5'/"));
    c.expects<received>();
    c.is_quiet();
    c.writes(our_bind + our_enable + "<presence/>");
    for (int i = 0; i < 20; ++i) REQUIRE(c.send("<iq/>").has_value());
    CHECK(c.output().find("<r ") == std::string::npos);
    c.lost();
    CHECK(c.dropped() == 0);
}

TEST_CASE("stanzas sent before <enabled/> count, those received before it do not") {
    client_conversation c(1 << 20);
    c.authenticate();
    c.server(server_header + bind_features + bound);
    for (int i = 0; i < 20; ++i) REQUIRE(c.send("<iq/>").has_value());
    CHECK(c.output().find("<r ") == std::string::npos);
    c.output().clear();
    c.server("<message/>" + enabled);
    c.writes(ask);
    c.server(ours("a h='20'/") + ask);
    c.writes(ours("a h='0'/"));
    CHECK(c.expects<online>().jid == "user@example.org/site");
    c.expects<received>();
    c.is_quiet();
}

TEST_CASE("counts that cannot be end the stream") {
    in_pieces([](std::size_t piece) {
        for (const char* a : {"a h='2'/", "a/", "a h=''/", "a h='-1'/", "a h='4294967296'/"}) {
            CAPTURE(a);
            client_conversation c(piece);
            c.log_in();
            REQUIRE(c.send("<iq/>").has_value());
            c.server(ours(a));
            c.ends(errc::stream_error, "it acknowledged stanzas that were never sent");
            CHECK(c.dropped() == 1);
        }
        for (const char* a : {"resumed previd='some-id'/", "resumed h='2'/"}) {
            CAPTURE(a);
            client_conversation c(piece);
            c.log_in();
            REQUIRE(c.send("<iq/>").has_value());
            c.lost();
            c.authenticate();
            c.server(server_header + bind_features + ours(a));
            c.ends(errc::stream_error, "it resumed with an impossible count of stanzas");
        }
        client_conversation strange(piece);
        strange.log_in();
        strange.lost();
        strange.authenticate();
        strange.server(server_header + bind_features + "<iq/>");
        strange.ends(errc::login_out_of_order, "<iq/> came in place of <resumed/>");
    });
}

TEST_CASE("a stream that ended is not resumed") {
    in_pieces([](std::size_t piece) {
        client_conversation error(piece);
        error.log_in();
        REQUIRE(error.send("<iq/>").has_value());
        error.server(
            "<stream:error><system-shutdown "
            "xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>");
        error.ends(errc::system_shutdown, "system-shutdown");
        CHECK(error.dropped() == 1);
        error.lost();
        error.authenticate();
        error.server(server_header + bind_features);
        error.writes(our_bind);
        CHECK(error.dropped() == 1);

        client_conversation closed(piece);
        closed.log_in();
        closed.server("<message/>");
        closed.close();
        closed.writes(ours("a h='1'/") + "</stream:stream>");
        CHECK(closed.send("<iq/>").error() == errc::not_online);
        closed.lost();
        closed.expects<received>();
        closed.authenticate();
        closed.server(server_header + bind_features);
        closed.writes(our_bind);
    });
}

TEST_CASE("too much to keep is sent all the same, and not resumed") {
    client_settings s = user_settings();
    s.kept_limit = 10;
    client_conversation c(1 << 20, s);
    c.log_in();
    REQUIRE(c.send("<iq id='1'/>").has_value());
    REQUIRE(c.send("<iq id='2'/>").has_value());
    c.writes("<iq id='1'/><iq id='2'/>");
    c.lost();
    c.authenticate();
    c.server(server_header + bind_features);
    c.writes(our_bind);
    CHECK(c.dropped() == 2);
}

TEST_CASE("a client's queue and stanzas are bounded") {
    client_settings s = user_settings();
    s.queue_limit = 400;
    s.max_stanza = 20;
    client_conversation c(1 << 20, s);
    c.log_in();
    CHECK(c.send("<iq>45678901234</iq>").has_value());
    CHECK(c.send("<iq>456789012345</iq>").error() == errc::stanza_too_large);
    CHECK(c.send("<iq>\x02</iq>").error() == errc::malformed_xml);
    for (int i = 1; i < 15; ++i) REQUIRE(c.send("<iq>45678901234</iq>").has_value());
    c.output().resize(390, ' ');
    CHECK(c.send("<iq>45678901234</iq>").error() == errc::too_many_queued);
    c.output().clear();
    CHECK(c.send("<iq/>").has_value());
    c.writes("<iq/>" + ask);
}
