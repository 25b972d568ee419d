#include <doctest/doctest.h>

#include <functional>

#include "talk/envelope.hpp"
#include "talk/exchange.hpp"
#include "talk/packing.hpp"
#include "xmpp/stream_parser.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace std::chrono_literals;

namespace {

const std::string gateway_jid = "http.example.org";
const std::string peer_jid = "romeo@example.org/laptop";

exchange_settings gateway_settings() {
    exchange_settings s;
    s.from = gateway_jid;
    s.id_prefix = "g-";
    return s;
}
exchange_settings peer_settings() {
    exchange_settings s;
    s.id_prefix = "p-";
    s.accepts_requests = true;
    s.resumption = 30s;
    return s;
}

// The server in the middle: stamps `from`, and shows each stanza to the test.
struct network {
    exchange gateway{gateway_settings()};
    exchange peer{peer_settings()};
    base::time_point now{std::chrono::hours(1)};
    xmpp::stream_parser parser;
    std::vector<xmpp::element> passed;
    bool answers_pings = false;  ///< as the owners of exchanges do
    std::function<bool(const xmpp::element&)> drops = [](const auto&) { return false; };

    network() {
        gateway.online(false, now);
        peer.online(false, now);
        REQUIRE(parser.feed(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"));
        REQUIRE(parser.poll());
    }

    xmpp::element parse(const std::string& xml) {
        REQUIRE(parser.feed(xml));
        auto part = parser.poll();
        REQUIRE(part);
        return std::get<xmpp::element>(*part);
    }

    bool step(exchange& a, const std::string& from, exchange& b) {
        std::string xml;
        if (!a.next_stanza(xml, now)) return false;
        CHECK(xml.size() < 262'144);
        xmpp::element stanza = parse(xml);
        stanza.set("from", from);
        passed.push_back(stanza);
        if (drops(stanza)) return true;
        const bool is_ping = stanza.child("ping", xmpp::ns::ping) != nullptr;
        b.receive(stanza, now);
        if (is_ping && answers_pings)
            inject(a, std::string(stanza.attr("to")),
                   "<iq type='result' id='" + std::string(stanza.attr("id")) + "'/>");
        return true;
    }
    void run() {
        while (step(gateway, gateway_jid, peer) || step(peer, peer_jid, gateway)) {
        }
    }
    void wait(base::milliseconds time) {
        for (base::milliseconds done{0}; done < time; done += 5ms) {
            now += 5ms;
            for (exchange* e : {&gateway, &peer})
                if (e->deadline() && *e->deadline() <= now) e->expire(now);
            run();
        }
    }
    transaction& ask(const std::string& batch, bool body_follows = false) {
        return gateway.open(peer_jid, batch, {{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/"}},
                            body_follows, now);
    }
    std::vector<transaction*> opened() {
        std::vector<transaction*> all;
        while (const auto e = peer.poll())
            if (e->opened) all.push_back(e->subject);
        return all;
    }
    void inject(exchange& to, const std::string& from, const std::string& xml) {
        xmpp::element stanza = parse(xml);
        stanza.set("from", from);
        to.receive(stanza, now);
    }
};

std::string iq(const std::string& type, const std::string& id, const std::string& json) {
    return "<iq type='" + type + "' id='" + id +
           "'><crosstalk xmlns='urn:crosstalk:1'><json xmlns='urn:xmpp:json:0'>" + json +
           "</json></crosstalk></iq>";
}

// Both ends read all that has come and hand over all that goes, until nothing moves any more.
std::string download(network& net, transaction& asked, transaction& answers, const std::string& body) {
    std::size_t given = 0;
    std::string got;
    for (int idle = 0; idle < 3 && !(asked.is_over() && asked.readable() == 0);) {
        const std::size_t before = got.size() + given;
        const std::string piece = body.substr(given, answers.room());
        answers.write(piece);
        given += piece.size();
        if (given == body.size()) answers.finish();
        net.peer.touch(answers);
        net.run();
        got += asked.take(50'000);
        net.gateway.touch(asked);
        net.wait(5ms);
        idle = got.size() + given == before ? idle + 1 : 0;
    }
    return got + asked.take();
}

}  // namespace

TEST_CASE("a small transaction costs two stanzas") {
    network net;
    transaction& t = net.ask("one");
    net.run();
    const auto requests = net.opened();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0]->request()->get("REQUEST_METHOD") == "GET");
    CHECK(requests[0]->is_remote_finished());
    requests[0]->respond({200, {{"A", "b"}}});
    requests[0]->write("hello");
    requests[0]->finish();
    net.peer.touch(*requests[0]);
    net.peer.release(*requests[0]);
    net.run();
    CHECK(net.passed.size() == 2);
    CHECK(t.end().kind == end_kind::completed);
    CHECK(t.take() == "hello");
    CHECK(t.response()->headers.count("a") == 1);
    CHECK(net.peer.open_count() == 0);
    net.gateway.release(t);
    CHECK(net.gateway.open_count() == 0);
}

TEST_CASE("the result does not wait longer than 20 ms for a slow answer") {
    network net;
    transaction& t = net.ask("slow");
    net.run();
    CHECK(net.passed.size() == 1);
    net.wait(20ms);
    CHECK(net.passed.size() == 2);
    CHECK(t.is_accepted());
    CHECK(t.response() == nullptr);
    transaction& answer = *net.opened().at(0);
    answer.respond({200, {}});
    answer.finish();
    net.peer.touch(answer);
    net.run();
    CHECK(t.end().kind == end_kind::completed);
    CHECK(net.passed.size() == 4);
}

TEST_CASE("bodies of any size and kind arrive whole in both directions") {
    for (const std::size_t size :
         {0U, 1U, 4095U, 4096U, 16'384U, 65'535U, 65'536U, 65'537U, 262'144U, 1'000'001U}) {
        network net;
        std::string body(size, '\0');
        for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>((i * 2654435761U) >> 13);
        transaction& t = net.ask("b", true);
        net.run();
        transaction& answer = *net.opened().at(0);
        answer.respond({200, {}});
        CHECK(download(net, t, answer, body) == body);
        CHECK(t.end().kind == end_kind::completed);
    }
    network net;
    transaction& t = net.ask("up", true);
    net.run();
    transaction& answer = *net.opened().at(0);
    std::string sent, got;
    for (int i = 0; i < 2000; ++i) {
        const std::string piece(std::min<std::size_t>(t.room(), 997), static_cast<char>('a' + i % 26));
        t.write(piece);
        sent += piece;
        net.gateway.touch(t);
        net.run();
        got += answer.take();
        net.peer.touch(answer);
    }
    t.finish();
    net.gateway.touch(t);
    for (int i = 0; i < 100; ++i) {
        net.wait(20ms);
        got += answer.take();
        net.peer.touch(answer);
    }
    CHECK(got == sent);
    CHECK(answer.is_drained());
}

TEST_CASE("a reader that stops bounds what is held, and holds nobody else up") {
    network net;
    transaction& stuck = net.ask("stuck");
    net.run();
    transaction& answer = *net.opened().at(0);
    answer.respond({200, {}});
    for (int i = 0; i < 200; ++i) {
        answer.write(std::string(answer.room(), 'x'));
        net.peer.touch(answer);
        net.wait(5ms);
    }
    CHECK(stuck.readable() <= 256 * 1024);
    CHECK(answer.room() == 0);
    transaction& other = net.ask("other");
    net.run();
    transaction& quick = *net.opened().at(0);
    quick.respond({204, {}});
    quick.finish();
    net.peer.touch(quick);
    net.run();
    CHECK(other.end().kind == end_kind::completed);
}

TEST_CASE("a body that is echoed while it comes crosses in both directions at once") {
    for (const std::size_t size : {65'535U, 65'536U, 65'537U, 262'145U, 1'048'577U}) {
        network net;
        transaction& t = net.ask("b", true);
        net.run();
        transaction& answer = *net.opened().at(0);
        answer.respond({200, {}});
        std::string sent, echoed, got;
        for (int idle = 0; idle < 50 && !(t.is_over() && t.readable() == 0); ++idle) {
            const std::string piece(std::min(t.room(), size - sent.size()),
                                    static_cast<char>('a' + sent.size() % 26));
            if (!piece.empty()) {
                t.write(piece);
                sent += piece;
                idle = 0;
            }
            if (sent.size() == size) t.finish();
            net.gateway.touch(t);
            net.wait(5ms);
            const std::string back = answer.take(answer.room());
            echoed += back;
            answer.write(back);
            if (answer.is_drained()) answer.finish();
            net.peer.touch(answer);
            net.wait(5ms);
            const std::string taken = t.take(10'000);
            if (!taken.empty()) idle = 0;
            got += taken;
            net.gateway.touch(t);
        }
        got += t.take();
        CAPTURE(size);
        CHECK(sent.size() == size);
        const bool is_same = got == sent;
        CHECK(is_same);
        CHECK(t.end().kind == end_kind::completed);
    }
}

TEST_CASE("what waits together goes together, in turn") {
    network net;
    std::vector<transaction*> all;
    for (int i = 0; i < 200; ++i) all.push_back(&net.ask("b" + std::to_string(i)));
    net.run();
    const auto requests = net.opened();
    CHECK(net.passed.size() < 200);
    for (int round = 0; round < 20; ++round) {
        net.wait(20ms);
        for (transaction* t : net.opened()) {
            t->respond({200, {}});
            t->finish();
            net.peer.touch(*t);
        }
    }
    for (transaction* t : requests) {
        t->respond({200, {}});
        t->finish();
        net.peer.touch(*t);
    }
    net.run();
    for (transaction* t : all) CHECK(t->end().kind == end_kind::completed);
}

TEST_CASE("only the full JID that was asked may answer") {
    network net;
    transaction& t = net.ask("mine");
    std::string xml;
    REQUIRE(net.gateway.next_stanza(xml, net.now));
    const std::string id(net.parse(xml).attr("id"));
    const std::string forged = R"({"batch":"mine","statuscode":200,"signal":"producerFinished"})";
    net.inject(net.gateway, "romeo@example.org/other", iq("result", id, forged));
    net.inject(net.gateway, "mallory@example.org/x", iq("result", id, forged));
    net.inject(net.gateway, "mallory@example.org/x", iq("set", "m", forged));
    net.inject(net.gateway, peer_jid, iq("result", "g-999", forged));
    CHECK_FALSE(t.is_over());
    CHECK(t.response() == nullptr);
    CHECK(net.gateway.counters().unasked_answer == 3);
    CHECK(net.gateway.counters().unknown_batch == 1);
    net.inject(net.gateway, peer_jid, iq("result", id, forged));
    CHECK(t.end().kind == end_kind::completed);
}

TEST_CASE("a request object is run once, and not at all when it was delayed") {
    network net;
    const std::string request = R"({"batch":"x","REQUEST_METHOD":"POST","signal":"producerFinished"})";
    net.inject(net.peer, gateway_jid, iq("set", "1", request));
    CHECK(net.opened().size() == 1);
    net.inject(net.peer, gateway_jid, iq("set", "2", request));
    CHECK(net.opened().empty());
    CHECK(net.peer.counters().repeated_request == 1);
    std::string delayed = iq("set", "3", R"({"batch":"y","REQUEST_METHOD":"POST"})");
    delayed.insert(delayed.size() - 5, "<delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>");
    net.inject(net.peer, gateway_jid, delayed);
    CHECK(net.opened().empty());
}

TEST_CASE("a request that its own first message breaks is offered to nobody, and refused") {
    network net;
    net.inject(net.peer, gateway_jid,
               iq("set", "1",
                  R"({"batch":"x","REQUEST_METHOD":"GET","offset":7,"signal":"producerFinished"})"));
    CHECK(net.opened().empty());
    std::string xml;
    REQUIRE(net.peer.next_stanza(xml, net.now));
    CHECK(xml.find("shutdownMicroprocess") != std::string::npos);
    CHECK(net.peer.open_count() == 0);
}

TEST_CASE("an unknown batch is answered by one shutdown, a shutdown by nothing") {
    network net;
    net.inject(net.peer, gateway_jid, iq("set", "1", R"({"batch":"ghost","data":"x","offset":5})"));
    net.inject(net.peer, gateway_jid,
               iq("set", "2", R"({"batch":"gone","signal":"shutdownMicroprocess"})"));
    std::string all, xml;
    while (net.peer.next_stanza(xml, net.now)) all += std::exchange(xml, {});
    CHECK(all.find("\"ghost\",\"signal\":\"shutdownMicroprocess\",\"reason\":\"unknown\"") !=
          std::string::npos);
    CHECK(all.find("gone") == std::string::npos);
}

TEST_CASE("malformed JSON is a stanza error and fails what the stanza asked") {
    network net;
    transaction& t = net.ask("mine");
    std::string xml;
    REQUIRE(net.gateway.next_stanza(xml, net.now));
    const std::string id(net.parse(xml).attr("id"));
    net.inject(net.gateway, peer_jid, iq("result", id, "{nonsense"));
    CHECK(t.end().kind == end_kind::broken);
    net.inject(net.gateway, peer_jid, iq("set", "1", "{nonsense"));
    std::string reply;
    while (net.gateway.next_stanza(xml, net.now)) reply += xml;
    CHECK(reply.find("bad-request") != std::string::npos);
}

TEST_CASE("an iq error fails every transaction in the stanza and no other") {
    network net;
    transaction& a = net.ask("a");
    transaction& b = net.ask("b");
    std::string xml;
    REQUIRE(net.gateway.next_stanza(xml, net.now));
    const std::string id(net.parse(xml).attr("id"));
    transaction& c = net.ask("c");
    net.inject(net.gateway, peer_jid,
               "<iq type='error' id='" + id +
                   "'><error type='cancel'><service-unavailable "
                   "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    CHECK(a.end().kind == end_kind::bounced);
    CHECK(b.end().reason == "service-unavailable");
    CHECK_FALSE(c.is_over());
}

TEST_CASE("a part of a body that a server loses or returns ends the transaction at both ends, soon") {
    for (const bool is_returned : {false, true}) {
        network net;
        net.answers_pings = true;
        transaction& t = net.ask("a");
        net.run();
        transaction& answer = *net.opened().at(0);
        answer.respond({200, {}});
        net.peer.touch(answer);
        net.wait(100ms);
        std::string lost;
        net.drops = [&](const xmpp::element& s) {
            const bool is_lost = s.attr("type") == "set" && s.attr("from") == peer_jid && lost.empty();
            if (is_lost) lost = s.attr("id");
            return is_lost;
        };
        answer.write(std::string(1'000, 'x'));
        net.peer.touch(answer);
        net.run();
        REQUIRE_FALSE(lost.empty());
        if (is_returned)
            net.inject(net.peer, gateway_jid,
                       "<iq type='error' id='" + lost +
                           "'><error type='wait'><recipient-unavailable "
                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        net.wait(is_returned ? 100ms : 8s);
        CHECK(answer.end().kind == end_kind::bounced);
        CHECK(answer.end().reason == (is_returned ? "recipient-unavailable" : "lost"));
        CHECK(t.end().kind == end_kind::shut_down);
        CHECK(net.gateway.is_responsive(peer_jid));
        // Nothing of it is held against the next one.
        transaction& next = net.ask("b");
        net.run();
        transaction& quick = *net.opened().at(0);
        quick.respond({204, {}});
        quick.finish();
        net.peer.touch(quick);
        net.run();
        CHECK(next.end().kind == end_kind::completed);
    }
}

TEST_CASE("a request whose result is late is waited for") {
    network net;
    net.answers_pings = true;
    net.drops = [](const xmpp::element& s) {
        return s.attr("type") == "result" && s.child("crosstalk", xmpp::ns::crosstalk) != nullptr;
    };
    transaction& t = net.ask("a");
    net.wait(50s);
    CHECK_FALSE(t.is_over());
}

TEST_CASE("a peer that goes away ends its transactions, a silent one is pinged first") {
    network net;
    transaction& t = net.ask("a");
    net.run();
    net.gateway.unavailable(peer_jid);
    CHECK(t.end().kind == end_kind::offline);

    network silent;
    silent.drops = [](const xmpp::element& s) { return s.attr("from") == gateway_jid; };
    transaction& u = silent.ask("a");
    silent.wait(4s);
    CHECK_FALSE(u.is_over());
    CHECK(silent.passed.back().child("ping", xmpp::ns::ping) != nullptr);
    silent.wait(6s);
    CHECK(u.end().kind == end_kind::offline);
    CHECK_FALSE(silent.gateway.is_responsive(peer_jid));
    silent.gateway.release(u);
    silent.wait(20s);
    CHECK_FALSE(silent.gateway.is_responsive(peer_jid));
    silent.wait(20s);
    CHECK(silent.gateway.is_responsive(peer_jid));  // to be tried again
}

TEST_CASE("giving up reaches the other side, and its work is told to stop") {
    network net;
    transaction& t = net.ask("a");
    net.run();
    transaction& answer = *net.opened().at(0);
    net.gateway.release(t);
    net.wait(20ms);
    CHECK(answer.end().kind == end_kind::shut_down);
    CHECK(answer.end().reason == "client-gone");
    net.peer.release(answer);
    CHECK(net.peer.open_count() == 0);
    CHECK(net.gateway.open_count() == 0);
}

TEST_CASE("an answer that its owner has let go still goes out to its end") {
    network net;
    transaction& t = net.ask("a");
    net.run();
    transaction& answer = *net.opened().at(0);
    answer.respond({200, {}});
    answer.write(std::string(200'000, 'x'));
    answer.finish();
    net.peer.release(answer);
    std::string got;
    for (int i = 0; i < 50; ++i) {
        net.wait(5ms);
        got += t.take();
        net.gateway.touch(t);
    }
    CHECK(got.size() == 200'000);
    CHECK(net.peer.open_count() == 0);
}

TEST_CASE(
    "a stream that is lost ends what the gateway asked, one that resumes ends nothing at the peer") {
    network net;
    transaction& t = net.ask("a");
    net.run();
    transaction& answer = *net.opened().at(0);
    net.peer.offline(net.now);
    net.peer.online(true, net.now);
    CHECK_FALSE(answer.is_over());
    net.peer.offline(net.now);
    net.peer.online(false, net.now);
    CHECK(answer.end().kind == end_kind::link_down);
    net.gateway.offline(net.now);
    CHECK(t.end().kind == end_kind::link_down);
    transaction& later = net.ask("b");
    CHECK(later.end().kind == end_kind::link_down);
}

TEST_CASE("what nothing can bring back any more is ended") {
    network net;
    net.ask("a");
    net.run();
    transaction& answer = *net.opened().at(0);
    net.peer.offline(net.now);
    net.wait(29s);
    CHECK_FALSE(answer.is_over());
    net.wait(2s);
    CHECK(answer.end().kind == end_kind::link_down);
}

TEST_CASE(
    "a stream that breaks for its policy makes stanzas half as large as the largest on their way") {
    network net;
    const auto ask_with = [&net](const char* batch, std::size_t bytes) -> transaction& {
        cgi::environ_map head{{"REQUEST_METHOD", "GET"}, {"HTTP_X", std::string(bytes, 'x')}};
        return net.gateway.open(peer_jid, batch, std::move(head), false, net.now);
    };
    const auto lose = [&net] {
        net.gateway.offline(net.now, true);
        net.gateway.online(false, net.now);
    };
    net.drops = [](const auto&) { return true; };
    lose();  // with nothing on its way it was for something else
    ask_with("a", 60'000);
    net.run();
    lose();
    net.drops = [](const auto&) { return false; };
    CHECK_FALSE(ask_with("b", 27'000).is_over());
    net.wait(100ms);
    CHECK(net.opened().size() == 1);
    transaction& large = ask_with("c", 33'000);
    net.wait(100ms);
    CHECK(large.end().kind == end_kind::too_large);
    CHECK(net.opened().empty());
}

TEST_CASE("a head that fits no stanza ends as too large, and the rest goes on") {
    network net;
    transaction& t = net.gateway.open(
        peer_jid, "big", {{"REQUEST_METHOD", "GET"}, {"HTTP_X", std::string(300'000, 'x')}}, false,
        net.now);
    transaction& wide = net.gateway.open(
        peer_jid, "wide", {{"REQUEST_METHOD", "GET"}, {"HTTP_X", std::string(60'000, 'x')}}, false,
        net.now);
    net.run();
    CHECK(t.end().kind == end_kind::too_large);
    CHECK_FALSE(wide.is_over());
    CHECK(net.opened().size() == 1);
}

TEST_CASE("both sides opening the same batch ends both") {
    network net;
    transaction& t = net.ask("same");
    net.inject(net.gateway, peer_jid, iq("set", "1", R"({"batch":"same","REQUEST_METHOD":"GET"})"));
    CHECK(t.end().kind == end_kind::broken);
}

TEST_CASE("what came packed is answered packed, and what came loose is not") {
    network net;
    packer p;
    const std::string request =
        R"([{"batch":"b1","REQUEST_METHOD":"GET","REQUEST_URI":"/","signal":"producerFinished"}])";
    const std::string packed(p.pack(request, std::vector{request.size() - 1}));
    const auto ask = [&](const std::string& payload) {
        net.inject(net.peer, gateway_jid,
                   "<iq type='set' id='1'><crosstalk xmlns='urn:crosstalk:1' accept='deflate'>" +
                       payload + "</crosstalk></iq>");
        const auto asked = net.opened();
        REQUIRE(asked.size() == 1);
        asked[0]->respond({200, {{"Content-Type", "text/plain"}}});
        asked[0]->write(std::string(500, 'x'));
        asked[0]->finish();
        net.peer.touch(*asked[0]);
        std::string xml;
        REQUIRE(net.peer.next_stanza(xml, net.now));
        return xml;
    };
    const std::string answer = ask("<deflate>" + packed + "</deflate>");
    const xmpp::element stanza = net.parse(answer);
    const auto envelope = open_envelope(stanza);
    REQUIRE(envelope);
    CHECK(envelope->json.empty());
    unpacker u;
    const auto json = u.unpack(envelope->packed);
    REQUIRE(json);
    CHECK(json->find(std::string(500, 'x')) != std::string_view::npos);

    const std::string again =
        R"([{"batch":"b2","REQUEST_METHOD":"GET","REQUEST_URI":"/","signal":"producerFinished"}])";
    CHECK(ask("<json xmlns='urn:xmpp:json:0'>" + again + "</json>").find("<deflate") ==
          std::string::npos);
}

TEST_CASE("what is packed wrongly is a stanza error") {
    network net;
    net.inject(net.peer, gateway_jid,
               "<iq type='set' id='1'><crosstalk "
               "xmlns='urn:crosstalk:1'><deflate>AAAA</deflate></crosstalk></iq>");
    std::string xml;
    REQUIRE(net.peer.next_stanza(xml, net.now));
    CHECK(net.parse(xml).attr("type") == "error");
    CHECK(net.peer.counters().malformed == 1);
}

TEST_CASE(
    "an answer that requires what is not known here ends its transaction, and the peer hears why") {
    network net;
    transaction& asked = net.ask("b1");
    net.run();
    net.inject(net.gateway, peer_jid,
               iq("set", "x", R"({"batch":"b1","statuscode":200,"headers":[],"require":["magic"]})"));
    CHECK(asked.end().kind == end_kind::broken);
    CHECK(asked.end().reason == "the counterpart requires magic");
    net.run();
    CHECK(net.passed.back().to_xml().find(R"("reason":"unsupported")") != std::string::npos);
}

TEST_CASE("a gateway takes no requests, and extensions that nobody knows are refused") {
    network net;
    transaction& t = net.ask("a");
    net.run();
    net.inject(net.gateway, peer_jid, iq("set", "1", R"({"batch":"x","REQUEST_METHOD":"GET"})"));
    net.inject(net.peer, gateway_jid,
               iq("set", "2", R"({"batch":"y","REQUEST_METHOD":"GET","require":["magic"]})"));
    CHECK(net.gateway.counters().refused == 1);
    CHECK(net.peer.counters().refused == 1);
    CHECK_FALSE(t.is_over());
}

namespace {

transaction& ask_for_websocket(network& net) {
    return net.gateway.open(peer_jid, "ws",
                            {{"REQUEST_METHOD", "GET"},
                             {"REQUEST_URI", "/"},
                             {"HTTP_UPGRADE", "websocket"},
                             {"HTTP_CONNECTION", "Upgrade"}},
                            false, net.now);
}

void grant(network& net, transaction& answers) {
    response_start start;
    start.status = 101;
    start.headers.add("Upgrade", "websocket");
    answers.respond(std::move(start));
    net.peer.touch(answers);
    net.run();
}

/// Carries `text` from one end to the other, as much at a time as there is room for.
std::string carry(network& net, exchange& a, transaction& from, exchange& b, transaction& to,
                  const std::string& text) {
    std::string came;
    for (std::size_t given = 0; came.size() < text.size();) {
        const auto step = std::min(from.room(), text.size() - given);
        from.write(std::string_view(text).substr(given, step));
        given += step;
        a.touch(from);
        const auto before = came.size();
        net.run();
        came += to.take();
        b.touch(to);
        net.run();
        if (step == 0 && came.size() == before) break;
    }
    return came;
}

}  // namespace

TEST_CASE("after an upgrade both halves begin anew, and each has its own end") {
    network net;
    transaction& t = ask_for_websocket(net);
    net.run();
    transaction& answers = *net.opened().at(0);
    CHECK(answers.is_drained());
    grant(net, answers);
    REQUIRE(t.is_tunnel());
    CHECK(t.response()->status == 101);
    CHECK_FALSE(answers.is_drained());
    CHECK_FALSE(t.is_over());

    const std::string up(700'000, 'u'), down(900'000, 'd');
    CHECK(carry(net, net.gateway, t, net.peer, answers, up) == up);
    CHECK(carry(net, net.peer, answers, net.gateway, t, down) == down);
    t.finish();
    net.gateway.touch(t);
    net.run();
    CHECK(answers.is_drained());
    CHECK_FALSE(t.is_over());
    CHECK(carry(net, net.peer, answers, net.gateway, t, "more") == "more");
    answers.finish();
    net.peer.touch(answers);
    net.run();
    CHECK(t.end().kind == end_kind::completed);
    CHECK(answers.end().kind == end_kind::completed);
}

TEST_CASE("an upgrade counts only if it was asked for, and to the same") {
    network net;
    transaction& plain = net.ask("plain");
    net.run();
    grant(net, *net.opened().at(0));
    CHECK(plain.end().kind == end_kind::broken);
    CHECK(plain.response() == nullptr);

    network other;
    transaction& t = ask_for_websocket(other);
    other.run();
    transaction& answers = *other.opened().at(0);
    response_start start;
    start.status = 101;
    start.headers.add("Upgrade", "h2c");
    answers.respond(std::move(start));
    other.peer.touch(answers);
    other.run();
    CHECK(t.end().kind == end_kind::broken);
}

TEST_CASE("an app may answer a request for an upgrade as any other") {
    network net;
    transaction& t = ask_for_websocket(net);
    net.run();
    transaction& answers = *net.opened().at(0);
    answers.respond({403, {}});
    answers.finish();
    net.peer.touch(answers);
    net.run();
    CHECK_FALSE(t.is_tunnel());
    CHECK(t.end().kind == end_kind::completed);
}
