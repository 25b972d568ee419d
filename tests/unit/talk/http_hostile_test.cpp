// Counterparts of the exchange over XEP-0332 that mean harm, or are broken.
#include "http_network.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace crosstalk::talk::test;
using namespace std::chrono_literals;

namespace {

/// A transaction whose answer has begun and follows in chunks of the stream "s".
struct download : network {
    explicit download(http_exchange_settings s = gateway_settings()) : network(std::move(s)) {
        t = &ask("one");
        run();
        answer("one", resp("<chunkedBase64 streamId='s'/>"));
        passed.clear();
    }
    transaction* t;
};

std::string ibb(const std::string& payload) { return "<iq type='set' id='i'>" + payload + "</iq>"; }

}  // namespace

TEST_CASE("only who was asked can answer, once, under the id that it was asked with") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    net.answer("one", resp("<text>evil</text>"), "eve@example.org/x");
    net.answer("one", resp("<text>evil</text>"), "romeo@example.org/other");
    net.answer("one", resp("<text>evil</text>"), "romeo@example.org");
    net.answer("two", resp("<text>evil</text>"));
    CHECK(t.response() == nullptr);
    net.answer("one", resp("<text>good</text>"));
    net.answer("one", resp("<text>evil</text>"));
    CHECK(t.take() == "good");
}

TEST_CASE("an answer before the question has gone does not count") {
    network net;
    transaction& t = net.ask("one");
    net.answer("one", resp("<text>guessed</text>"));
    CHECK(t.response() == nullptr);
}

TEST_CASE("only who opened a stream can fill it or end it") {
    download net;
    net.chunk("s", 0, "evil", true, "eve@example.org/x");
    net.inject(net.gateway, "eve@example.org/x",
               "<message><cancel xmlns='urn:xmpp:http' streamId='s'/></message>");
    CHECK(net.t->readable() == 0);
    CHECK_FALSE(net.t->is_over());
    net.chunk("other", 0, "evil");
    CHECK(net.t->readable() == 0);
    net.chunk("s", 0, "good", true);
    CHECK(net.t->take() == "good");
    CHECK(net.gateway.counters().unknown_batch == 3);
}

TEST_CASE("chunks in any order, doubled and late make the same body") {
    download net;
    net.chunk("s", 2, "c", true);
    net.chunk("s", 1, "b");
    net.chunk("s", 1, "X");
    CHECK(net.t->readable() == 0);
    net.chunk("s", 0, "a");
    CHECK(net.t->take() == "abc");
    CHECK(net.t->end().kind == end_kind::completed);
    net.chunk("s", 0, "late");
    CHECK(net.words(peer_jid).empty());
}

TEST_CASE("a chunk that never comes ends the transaction after a while, and the stream is cancelled") {
    download net;
    net.chunk("s", 0, "a");
    net.chunk("s", 2, "c", true);
    CHECK(net.t->take() == "a");
    net.wait(29s);
    CHECK_FALSE(net.t->is_over());
    net.wait(2s);
    CHECK(net.t->end().kind == end_kind::broken);
    CHECK(net.words(peer_jid) == std::vector<std::string>{"close", "cancel"});
}

TEST_CASE("a body of which nothing more comes ends after a long while") {
    download net;
    net.wait(599s);
    CHECK_FALSE(net.t->is_over());
    net.wait(2s);
    CHECK(net.t->end().kind == end_kind::timed_out);
    CHECK(net.words(peer_jid) == std::vector<std::string>{"close", "cancel"});
}

TEST_CASE("chunks that cannot be make one clear end, and others go on") {
    const std::vector<std::function<void(network&)>> crimes{
        [](network& n) {
            n.inject(n.gateway, peer_jid,
                     "<message><chunk xmlns='urn:xmpp:http' streamId='s' nr='0'>***</chunk></message>");
        },
        [](network& n) {
            n.inject(
                n.gateway, peer_jid,
                "<message><chunk xmlns='urn:xmpp:http' streamId='s' nr='x'>YQ==</chunk></message>");
        },
        [](network& n) {
            n.chunk("s", 5, "x", true);
            n.chunk("s", 6, "x");
        },
        [](network& n) {
            for (int i = 1; i < 300; ++i) n.chunk("s", i, "x");
        },
        [](network& n) {
            for (int i = 1; i < 100; ++i) n.chunk("s", i, std::string(4000, 'x'));
        },
    };
    for (const auto& crime : crimes) {
        download net;
        transaction& other = net.ask("other");
        net.run();
        net.passed.clear();
        crime(net);
        CHECK(net.t->end().kind == end_kind::broken);
        const auto told = net.words(peer_jid);
        CHECK(told == std::vector<std::string>{"close", "cancel"});
        net.answer("other", resp("<text>fine</text>"));
        CHECK(other.take() == "fine");
    }
}

TEST_CASE("who sends more than is read is cut off, and what is held stays bounded") {
    auto settings = gateway_settings();
    settings.transactions.buffer = 10'000;
    download net(settings);
    int sent = 0;
    for (; sent < 1000 && !net.t->is_over(); ++sent) net.chunk("s", sent, std::string(4000, 'x'));
    CHECK(net.t->end().kind == end_kind::broken);
    CHECK(sent * 4000 > 160'000);
    CHECK(sent * 4000 < 400'000);
}

TEST_CASE("answers that are none end as a breach of the protocol") {
    for (const std::string& bad :
         {std::string(), std::string("<query xmlns='urn:other'/>"), resp("", "", "700"),
          resp("", "", "100"), resp("<base64>!</base64>"), resp("<s5 sid='x'/>"),
          resp("<chunkedBase64 streamId=''/>"), resp("", "<header name=''>x</header>")}) {
        network net;
        transaction& t = net.ask("one");
        net.run();
        net.answer("one", bad);
        CHECK(t.end().kind == end_kind::broken);
        net.gateway.release(t);
        CHECK(net.gateway.open_count() == 0);
    }
}

TEST_CASE("an error ends the transaction with its condition") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    net.inject(net.gateway, peer_jid,
               "<iq type='error' id='one'><error type='cancel'><item-not-found "
               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    CHECK(t.end().kind == end_kind::bounced);
    CHECK(t.end().reason == "item-not-found");
}

TEST_CASE("two answers cannot share one stream") {
    download net;
    transaction& other = net.ask("two");
    net.run();
    net.answer("two", resp("<chunkedBase64 streamId='s'/>"));
    CHECK(other.end().kind == end_kind::broken);
    net.gateway.release(other);
    net.chunk("s", 0, "mine", true);
    CHECK(net.t->take() == "mine");
}

TEST_CASE("an answer to what is over already changes nothing, and its stream is cancelled") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    t.shut_down("timeout");
    net.gateway.touch(t);
    net.passed.clear();
    net.answer("one", resp("<chunkedBase64 streamId='s'/>"));
    CHECK(net.words(peer_jid) == std::vector<std::string>{"close", "cancel"});
    net.gateway.release(t);
    net.chunk("s", 0, "x");
    CHECK(net.gateway.open_count() == 0);
}

TEST_CASE("the name of a stream that has ended may be used again") {
    network net;
    const auto upload = [&](const std::string& id) {
        net.inject(net.peer, gateway_jid,
                   "<iq type='set' id='" + id +
                       "'><req xmlns='urn:xmpp:http' method='PUT' resource='/' version='1.1'><data>"
                       "<chunkedBase64 streamId='u'/></data></req></iq>");
        return net.opened().at(0);
    };
    const auto chunk = [&](int number, bool is_last) {
        net.inject(net.peer, gateway_jid,
                   "<message><chunk xmlns='urn:xmpp:http' streamId='u' nr='" + std::to_string(number) +
                       (is_last ? "' last='true" : "") + "'>YQ==</chunk></message>");
    };
    transaction* first = upload("1");
    chunk(0, true);
    CHECK(first->is_remote_finished());
    transaction* second = upload("2");
    chunk(0, false);
    net.peer.release(*first);
    chunk(1, true);
    CHECK(second->take() == "aa");
    CHECK(second->is_drained());
}

TEST_CASE("a chunk that a server returns ends the upload's transaction") {
    network net;
    transaction& t = net.ask("one", a_request("PUT"), true);
    t.write("some");
    net.gateway.touch(t);
    net.run();
    const std::string name(inside(net.passed.at(0), "req", "data").children().front().attr("streamId"));
    const std::string error =
        "<error type='cancel'><service-unavailable "
        "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>";
    net.inject(net.gateway, "eve@example.org/x",
               "<message type='error'><chunk xmlns='urn:xmpp:http' streamId='" + name + "' nr='0'/>" +
                   error + "</message>");
    CHECK_FALSE(t.is_over());
    net.inject(net.gateway, peer_jid,
               "<message type='error'><chunk xmlns='urn:xmpp:http' streamId='" + name + "' nr='0'/>" +
                   error + "</message>");
    CHECK(t.end().kind == end_kind::bounced);
}

TEST_CASE("bytestreams that nobody announced, or that break their rules, are refused") {
    const std::string open = "<open xmlns='http://jabber.org/protocol/ibb' sid='s' block-size='100'/>";
    const auto data = [](const char* seq, const std::string& text) {
        return "<data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='" + std::string(seq) + "'>" +
               text + "</data>";
    };
    const auto begun = [](network& net) -> transaction& {
        transaction& t = net.ask("one");
        net.run();
        net.answer("one", resp("<ibb sid='s'/>"));
        net.passed.clear();
        net.drops = [](const auto&) { return true; };
        return t;
    };
    {
        network net;
        transaction& t = begun(net);
        net.inject(net.gateway, peer_jid,
                   ibb("<open xmlns='http://jabber.org/protocol/ibb' sid='x' block-size='9'/>"));
        net.inject(net.gateway, peer_jid,
                   ibb("<open xmlns='http://jabber.org/protocol/ibb' sid='s' block-size='65536'/>"));
        net.inject(net.gateway, peer_jid,
                   ibb("<open xmlns='http://jabber.org/protocol/ibb' sid='s'/>"));
        net.run();
        REQUIRE(net.passed.size() == 3);
        for (const auto& stanza : net.passed) CHECK(stanza.attr("type") == "error");
        CHECK_FALSE(t.is_over());
        CHECK_FALSE(net.gateway.receive(
            net.parse("<iq type='set' id='1' from='eve@example.org/x'>" + open + "</iq>"), net.now));
    }
    for (const std::string& bad : {data("1", "YQ=="), data("x", "YQ=="), data("0", "***"),
                                   data("0", base::to_base64(std::string(101, 'x')))}) {
        network net;
        transaction& t = begun(net);
        net.inject(net.gateway, peer_jid, ibb(open));
        net.inject(net.gateway, peer_jid, ibb(bad));
        CHECK(t.end().kind == end_kind::broken);
        net.run();
        REQUIRE(net.passed.size() == 3);
        CHECK(net.passed[1].attr("type") == "error");
        CHECK(net.passed[2].child("close", xmpp::ns::ibb) != nullptr);
    }
}

TEST_CASE("requests that are none get one clear error each") {
    const auto condition = [](const std::string& req, std::size_t most_open = 4096) {
        auto settings = peer_settings();
        settings.max_open = most_open;
        network net(gateway_settings(), settings);
        net.inject(net.peer, gateway_jid, "<iq type='set' id='q'>" + req + "</iq>");
        CHECK(net.opened().empty());
        net.run();
        REQUIRE(net.passed.size() == 1);
        const auto error = xmpp::read_error(net.passed[0]);
        return error ? std::string(to_string(error->what))
                     : std::string(net.passed[0].children().front().attr("statusCode"));
    };
    const std::string head = "<req xmlns='urn:xmpp:http' version='1.1' method=";
    CHECK(condition(head + "'' resource='/'/>") == "bad-request");
    CHECK(condition(head + "'GET' resource=''/>") == "bad-request");
    CHECK(condition(head + "'PUT' resource='/'><data><base64>!</base64></data></req>") ==
          "bad-request");
    CHECK(condition(head + "'PUT' resource='/'><data><sipub "
                           "xmlns='http://jabber.org/protocol/sipub'/></data></req>") ==
          "feature-not-implemented");
    CHECK(condition(head + "'GET' resource='/a/../b'/>") == "400");
    CHECK(condition(head + "'GET' resource='http://elsewhere/'/>") == "400");
    CHECK(condition(head + "'GET' resource='/'/>", 0) == "resource-constraint");
}

TEST_CASE("post= is never followed, and whoever takes no requests is not asked any") {
    network net;
    net.inject(
        net.peer, gateway_jid,
        "<iq type='set' id='q'><req xmlns='urn:xmpp:http' method='GET' resource='/' version='1.1' "
        "post='http://127.0.0.1/'/></iq>");
    transaction& came = *net.opened().at(0);
    came.respond({});
    came.finish();
    net.peer.touch(came);
    net.run();
    CHECK(net.passed.size() == 1);
    CHECK(net.passed[0].attr("type") == "result");
    CHECK_FALSE(
        net.gateway.receive(net.parse("<iq type='set' id='q' from='romeo@example.org/laptop'><req "
                                      "xmlns='urn:xmpp:http' method='GET' "
                                      "resource='/' version='1.1'/></iq>"),
                            net.now));
}

TEST_CASE("an upload that is cut off is told apart from one that is whole") {
    network net;
    net.inject(net.peer, gateway_jid,
               "<iq type='set' id='q'><req xmlns='urn:xmpp:http' method='PUT' resource='/' "
               "version='1.1'><data>"
               "<chunkedBase64 streamId='u'/></data></req></iq>");
    transaction& came = *net.opened().at(0);
    net.inject(net.peer, gateway_jid,
               "<message><chunk xmlns='urn:xmpp:http' streamId='u' nr='0'>YQ==</chunk></message>");
    CHECK(came.take() == "a");
    CHECK_FALSE(came.is_drained());
    net.inject(net.peer, gateway_jid, "<message><close xmlns='urn:xmpp:http' streamId='u'/></message>");
    CHECK(came.end().kind == end_kind::shut_down);
}

TEST_CASE("what nobody reads of a flood of streams stays bounded by their number") {
    auto settings = peer_settings();
    settings.max_open = 3;
    network net(gateway_settings(), settings);
    for (int i = 0; i < 10; ++i)
        net.inject(net.peer, gateway_jid,
                   "<iq type='set' id='" + std::to_string(i) +
                       "'><req xmlns='urn:xmpp:http' method='PUT' resource='/' "
                       "version='1.1'><data><chunkedBase64 streamId='u" +
                       std::to_string(i) + "'/></data></req></iq>");
    CHECK(net.opened().size() == 3);
    CHECK(net.peer.counters().refused == 7);
}
