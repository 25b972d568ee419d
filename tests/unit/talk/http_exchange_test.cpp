#include "talk/http_exchange.hpp"

#include "http_network.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace crosstalk::talk::test;
using namespace std::chrono_literals;

namespace {

void respond(network& net, transaction& t, const std::string& body, http::fields headers = {},
             unsigned status = 200) {
    t.respond({status, std::move(headers)});
    t.write(body);
    t.finish();
    net.peer.touch(t);
    net.peer.release(t);
    net.run();
}

/// Moves a body from one end to the other, both reading and writing whenever they can.
std::string carry(network& net, http_exchange& from, transaction& sender, transaction& receiver,
                  const std::string& body) {
    http_exchange& to = &from == &net.peer ? net.gateway : net.peer;
    std::size_t given = 0;
    std::string got;
    for (int idle = 0; idle < 4 && !receiver.is_drained();) {
        const std::size_t before = given + got.size();
        const std::string piece = body.substr(given, sender.room());
        sender.write(piece);
        given += piece.size();
        if (given == body.size()) sender.finish();
        from.touch(sender);
        net.run();
        got += receiver.take(50'000);
        to.touch(receiver);
        net.wait(250ms);
        idle = given + got.size() == before ? idle + 1 : 0;
    }
    return got + receiver.take();
}

}  // namespace

TEST_CASE("a small transaction is one iq and its result") {
    network net;
    transaction& t = net.ask("one", a_request("GET", "/a?b", {{"Accept", "*/*"}}));
    net.run();
    CHECK(t.is_accepted());
    const auto came = net.opened();
    REQUIRE(came.size() == 1);
    CHECK(came[0]->request()->get("REQUEST_URI") == "/a?b");
    CHECK(came[0]->request()->get("HTTP_ACCEPT") == "*/*");
    CHECK(came[0]->request()->get("HTTP_HOST") == "romeo.example.org");
    CHECK(came[0]->is_drained());
    respond(net, *came[0], "hello", {{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X", "\xE9"}}, 201);
    REQUIRE(net.passed.size() == 2);
    CHECK(net.passed[0].attr("id") == "one");
    CHECK(inside(net.passed[1], "resp", "data").child("text", xmpp::ns::http)->text() == "hello");
    REQUIRE(t.response() != nullptr);
    CHECK(t.response()->status == 201);
    CHECK(t.response()->headers ==
          http::fields{{"Set-Cookie", "a=1"}, {"Set-Cookie", "b=2"}, {"X", "\xC3\xA9"}});
    CHECK(t.take() == "hello");
    CHECK(t.end().kind == end_kind::completed);
    net.gateway.release(t);
    CHECK(net.gateway.open_count() == 0);
    CHECK(net.peer.open_count() == 0);
}

TEST_CASE("bodies of any size arrive whole, both ways, in chunks of the size that was asked for") {
    const std::string body = pattern(300'000);
    network net;
    transaction& t = net.ask("one", a_request("PUT", "/x"), true);
    net.run();
    const auto came = net.opened();
    REQUIRE(came.size() == 1);
    CHECK_FALSE(came[0]->is_remote_finished());
    CHECK((carry(net, net.gateway, t, *came[0], body) == body));
    came[0]->respond({});
    CHECK((carry(net, net.peer, *came[0], t, body) == body));
    CHECK(t.end().kind == end_kind::completed);
    std::size_t largest = 0, messages = 0;
    for (const auto& stanza : net.passed)
        if (const auto* chunk = stanza.child("chunk", xmpp::ns::http)) {
            ++messages;
            CHECK(stanza.attr("type") == "headline");
            largest = std::max(largest, chunk->text().size());
        }
    CHECK(largest == base::base64_size(4096));
    CHECK(messages >= 2 * (body.size() / 4096));
}

TEST_CASE("what an asker says of chunks is respected") {
    network net;
    net.inject(
        net.peer, gateway_jid,
        "<iq type='set' id='q'><req xmlns='urn:xmpp:http' method='GET' resource='/' version='1.1' "
        "maxChunkSize='256'/></iq>");
    const auto came = net.opened();
    REQUIRE(came.size() == 1);
    respond(net, *came[0], std::string(600, 'x'));
    std::vector<std::size_t> sizes;
    for (const auto& stanza : net.passed)
        if (const auto* chunk = stanza.child("chunk", xmpp::ns::http))
            sizes.push_back(base::from_base64(chunk->text())->size());
    CHECK(sizes == std::vector<std::size_t>{256, 256, 88});
}

TEST_CASE("the head goes before the first chunk, and the last chunk alone says so") {
    network net;
    transaction& t = net.arrive("one");
    net.passed.clear();
    respond(net, t, pattern(10'000));
    REQUIRE(net.passed.size() == 4);
    const auto name = inside(net.passed[0], "resp", "data").children().front().attr("streamId");
    for (int i = 1; i < 4; ++i) {
        const auto& chunk = net.passed[static_cast<std::size_t>(i)].children().front();
        CHECK(chunk.attr("streamId") == name);
        CHECK(chunk.attr("nr") == std::to_string(i - 1));
        CHECK(chunk.has_attr("last") == (i == 3));
    }
}

TEST_CASE("a body whose length is small and known goes along with its head") {
    network net;
    transaction& t = net.ask("one", a_request("POST", "/", {{"Content-Length", "5"}}), true);
    net.run();
    CHECK(net.passed.empty());
    CHECK(t.is_accepted());  // else who waits for 100 Continue would never send it
    t.write("he");
    net.gateway.touch(t);
    net.run();
    CHECK(net.passed.empty());
    t.write("llo");
    t.finish();
    net.gateway.touch(t);
    net.run();
    REQUIRE(net.passed.size() == 1);
    CHECK(inside(net.passed[0], "req", "data").children().front().text() == "hello");
    transaction& came = *net.opened().at(0);
    CHECK(came.request()->get("CONTENT_LENGTH") == "5");
    came.respond({200, {{"Content-Length", "3"}}});
    net.peer.touch(came);
    net.run();
    CHECK(net.passed.size() == 1);
    came.write("\r\n!");
    came.finish();
    net.peer.touch(came);
    net.run();
    CHECK(inside(net.passed.at(1), "resp", "data").children().front().name() == "base64");
    CHECK(t.take() == "\r\n!");
}

TEST_CASE("HEAD, 204 and 304 are answered without a body, whatever was written") {
    for (const auto& [method, status] : {std::pair("HEAD", 200U), {"GET", 304U}, {"DELETE", 204U}}) {
        network net;
        transaction& t = net.arrive("one", a_request(method));
        t.respond({status, {{"Content-Length", "12"}}});
        net.peer.touch(t);
        net.run();
        CHECK(net.passed.size() == 2);
        CHECK(net.passed.back().children().front().child("data", xmpp::ns::http) == nullptr);
        t.write("no body here");
        t.finish();
        net.peer.touch(t);
        net.run();
        CHECK(net.passed.size() == 2);
        CHECK(t.end().kind == end_kind::completed);
    }
}

TEST_CASE("chunks wait for pongs, so that a server's queue is not filled") {
    network net;
    transaction& t = net.arrive("one");
    net.pongs = false;
    net.passed.clear();
    respond(net, t, pattern(200'000));
    const auto sent = net.words(gateway_jid).size();
    CHECK(sent > 1);
    CHECK(sent < 12);
}

TEST_CASE("a counterpart that answers no ping is offline, one that knows none is not") {
    network net;
    net.pongs = false;
    transaction& t = net.ask("one");
    net.drops = [](const auto&) { return true; };
    net.wait(1s);
    CHECK_FALSE(t.is_over());
    net.wait(10s);
    CHECK(t.end().kind == end_kind::offline);
    CHECK_FALSE(net.gateway.is_responsive(peer_jid));
    net.inject(net.gateway, peer_jid, "<message/>");
    CHECK(net.gateway.is_responsive(peer_jid));

    network other;
    other.pongs = false;
    transaction& slow = other.ask("one");
    other.drops = net.drops;
    for (int i = 0; i < 100; ++i) {
        other.now += 250ms;
        other.gateway.expire(other.now);
        for (std::string xml; other.gateway.next_stanza(xml, other.now); xml.clear()) {
            const auto stanza = other.parse(xml);
            if (stanza.child("ping", xmpp::ns::ping) == nullptr) continue;
            other.inject(other.gateway, peer_jid,
                         "<iq type='error' id='" + std::string(stanza.attr("id")) +
                             "'><error type='cancel'><service-unavailable "
                             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        }
    }
    CHECK_FALSE(slow.is_over());
}

TEST_CASE("a visitor who leaves in mid body ends the stream, and the peer stops") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    transaction& came = *net.opened().at(0);
    came.respond({});
    came.write(pattern(100'000));
    net.peer.touch(came);
    net.pongs = false;
    net.run();
    net.passed.clear();
    net.gateway.release(t);
    CHECK(net.words(peer_jid) == std::vector<std::string>{"close", "cancel"});
    CHECK(came.end().kind == end_kind::shut_down);
    net.peer.release(came);
    net.pongs = true;
    net.wait(1s);
    CHECK(net.words(gateway_jid).empty());
    CHECK(net.peer.open_count() == 0);
}

TEST_CASE("an answer that nobody waits for any more is cancelled when it begins") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    net.gateway.release(t);
    CHECK(net.gateway.open_count() == 0);
    net.passed.clear();
    transaction& came = *net.opened().at(0);
    came.respond({});
    came.write("x");
    net.peer.touch(came);
    CHECK(net.words(peer_jid) == std::vector<std::string>{"close", "cancel"});
    CHECK(came.is_over());
}

TEST_CASE("a peer that fails in mid body ends its stream, and the visitor's answer is cut") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    transaction& came = *net.opened().at(0);
    came.respond({});
    came.write("some");
    net.peer.touch(came);
    net.run();
    came.shut_down("backend-failed");
    net.peer.touch(came);
    net.run();
    REQUIRE(t.response() != nullptr);
    CHECK(t.end().kind == end_kind::shut_down);
}

TEST_CASE("a request that is given up unanswered gets a status that says so") {
    for (const auto& [reason, status] :
         {std::pair("backend-refused", 502U), {"timeout", 504U}, {"busy", 503U}}) {
        network net;
        transaction& t = net.ask("one");
        net.run();
        transaction& came = *net.opened().at(0);
        came.shut_down(reason);
        net.peer.touch(came);
        net.run();
        REQUIRE(t.response() != nullptr);
        CHECK(t.response()->status == status);
        CHECK(t.end().kind == end_kind::completed);
    }
}

TEST_CASE("a finished answer ends the transaction, and the rest of the upload") {
    network net;
    transaction& t = net.ask("one", a_request("PUT"), true);
    t.write(pattern(5000));
    net.gateway.touch(t);
    net.run();
    transaction& came = *net.opened().at(0);
    net.passed.clear();
    respond(net, came, "enough");
    CHECK(t.end().kind == end_kind::completed);
    CHECK(t.take() == "enough");
    const auto told = net.words(peer_jid);
    CHECK(std::ranges::count(told, "cancel") == 1);
    CHECK(net.peer.open_count() == 0);
}

TEST_CASE("an upload that the peer does not want is read and dropped, its answer is waited for") {
    network net;
    transaction& t = net.ask("one", a_request("PUT"), true);
    t.write("some");
    net.gateway.touch(t);
    net.run();
    const std::string name(inside(net.passed.at(0), "req", "data").children().front().attr("streamId"));
    net.inject(net.gateway, peer_jid,
               "<message><cancel xmlns='urn:xmpp:http' streamId='" + name + "'/></message>");
    net.passed.clear();
    t.write(pattern(t.room()));
    net.gateway.touch(t);
    CHECK(t.room() > 0);
    t.finish();
    net.gateway.touch(t);
    CHECK(net.words(peer_jid).empty());
    net.answer("one", resp("<text>no</text>", "", "413"));
    CHECK(t.end().kind == end_kind::completed);
    CHECK(t.response()->status == 413);
}

TEST_CASE("a bytestream is read, by iq and by message, and its iqs wait while nobody reads") {
    auto settings = gateway_settings();
    settings.transactions.buffer = 1000;
    network net(settings);
    transaction& t = net.ask("one");
    net.run();
    net.answer("one", resp("<ibb sid='s'/>"));
    net.passed.clear();
    const auto set = [&](const std::string& id, const std::string& payload) {
        net.inject(net.gateway, peer_jid, "<iq type='set' id='" + id + "'>" + payload + "</iq>");
        net.run();
        std::string all;
        for (const auto& stanza : std::exchange(net.passed, {}))
            all += std::string(stanza.attr("type")) + ':' + std::string(stanza.attr("id")) + ' ';
        return all;
    };
    const auto data = [](int seq, const std::string& bytes) {
        return "<data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='" + std::to_string(seq) +
               "'>" + base::to_base64(bytes) + "</data>";
    };
    CHECK(set("0", data(0, "too soon")) == "error:0 ");
    CHECK(set("1", "<open xmlns='http://jabber.org/protocol/ibb' sid='s' block-size='800'/>") ==
          "result:1 ");
    CHECK(set("2", data(0, pattern(800))) == "result:2 ");
    net.inject(net.gateway, peer_jid, "<message>" + data(1, pattern(150)) + "</message>");
    CHECK(set("3", data(2, pattern(100))).empty());
    CHECK(t.take().size() == 1050);
    net.gateway.touch(t);
    net.run();
    REQUIRE(net.passed.size() == 1);
    CHECK(net.passed[0].attr("id") == "3");
    net.passed.clear();
    CHECK(set("4", "<close xmlns='http://jabber.org/protocol/ibb' sid='s'/>") == "result:4 ");
    CHECK(t.end().kind == end_kind::completed);
}

TEST_CASE(
    "a method without a place in the schema and a head without a place in a stanza are refused here") {
    network net;
    transaction& odd = net.ask("one", a_request("PROPFIND"));
    transaction& large = net.ask("two", a_request("GET", "/", {{"X", std::string(300'000, 'x')}}));
    net.run();
    CHECK(net.passed.empty());
    CHECK(odd.end().reason == "unsupported-method");
    CHECK(large.end().kind == end_kind::too_large);
    transaction& came = net.arrive("three");
    respond(net, came, "", {{"X", std::string(60'000, '"')}});
    CHECK(net.passed.back().children().front().attr("statusCode") == "502");
}

TEST_CASE("a peer that goes offline, and a stream that is lost, end what is open") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    net.gateway.unavailable(peer_jid);
    CHECK(t.end().kind == end_kind::offline);
    transaction& other = net.ask("two");
    net.run();
    net.gateway.offline(net.now);
    CHECK(other.end().kind == end_kind::link_down);
    CHECK(net.ask("three").end().kind == end_kind::link_down);
}

TEST_CASE("a server that closes the stream for a stanza gets smaller ones") {
    network net;
    net.inject(
        net.peer, gateway_jid,
        "<iq type='set' id='q'><req xmlns='urn:xmpp:http' method='GET' resource='/' version='1.1' "
        "maxChunkSize='65536'/></iq>");
    transaction& t = *net.opened().at(0);
    t.respond({});
    t.write(pattern(200'000));
    net.peer.touch(t);
    const auto largest = [&] {
        std::size_t most = 0;
        for (const auto& stanza : std::exchange(net.passed, {}))
            most = std::max(most, stanza.to_xml().size());
        return most;
    };
    net.run();
    const auto before = largest();
    CHECK(before > 80'000);
    net.peer.offline(net.now, true);
    net.peer.online(true, net.now);
    t.write(pattern(t.room()));
    t.finish();
    net.peer.touch(t);
    net.run();
    CHECK(largest() < before / 2);
    CHECK(t.end().kind == end_kind::completed);
}

TEST_CASE("what a resumed stream brings again is not run again") {
    network net;
    const std::string request =
        "<iq type='set' id='7'><req xmlns='urn:xmpp:http' method='POST' resource='/' "
        "version='1.1'/></iq>";
    net.inject(net.peer, gateway_jid, request);
    transaction& first = *net.opened().at(0);
    net.inject(net.peer, gateway_jid, request);
    CHECK(net.opened().empty());
    respond(net, first, "ok");
    net.peer.offline(net.now);
    net.peer.online(true, net.now);
    net.inject(net.peer, gateway_jid, request);
    CHECK(net.opened().empty());
    net.wait(15s);
    net.inject(net.peer, gateway_jid, request);  // another, of a program that counts from the beginning
    CHECK(net.opened().size() == 1);
    net.inject(
        net.peer, gateway_jid,
        "<iq type='set' id='8'><req xmlns='urn:xmpp:http' method='GET' resource='/' version='1.1'/>"
        "<delay xmlns='urn:xmpp:delay'/></iq>");
    CHECK(net.opened().empty());
}
