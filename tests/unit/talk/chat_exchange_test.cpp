#include <doctest/doctest.h>

#include <zlib.h>

#include <deque>

#include "base/base64.hpp"
#include "talk/chat_exchange.hpp"
#include "xmpp/stanza.hpp"
#include "xmpp/stream_parser.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace std::chrono_literals;

namespace {

const base::time_point start{};
const std::string gateway_jid = "http.montague.example";
const std::string peer_jid = "romeo@montague.example/x";

xmpp::element chat(const std::string& from, const std::string& thread, const std::string& body,
                   const std::string& id = "m") {
    xmpp::element stanza("message", std::string(xmpp::ns::client));
    stanza.set("type", "chat").set("from", from).set("id", id);
    if (!thread.empty())
        stanza.add(xmpp::element("thread", std::string(xmpp::ns::client))).set_text(thread);
    stanza.add(xmpp::element("body", std::string(xmpp::ns::client))).set_text(body);
    return stanza;
}

/// As Python's zlib.compress and base64.encodestring have it: lines of 76 characters.
std::string packed(const std::string& json) {
    std::string small(compressBound(json.size()), '\0');
    auto size = static_cast<uLongf>(small.size());
    compress(reinterpret_cast<Bytef*>(small.data()), &size, reinterpret_cast<const Bytef*>(json.data()),
             json.size());
    std::string flat;
    base::append_base64(flat, std::string_view(small).substr(0, size));
    std::string lines;
    for (std::size_t at = 0; at < flat.size(); at += 76) lines += flat.substr(at, 76) + "\n";
    return lines;
}

std::string unpacked(const std::string& text) {
    unpacker u;
    const auto json = u.unpack(text);
    REQUIRE(json);
    return std::string(*json);
}

xmpp::element parse(const std::string& xml) {
    xmpp::stream_parser parser;
    REQUIRE(
        parser.feed("<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>" + xml)
            .has_value());
    while (auto e = parser.poll())
        if (auto* stanza = std::get_if<xmpp::element>(&*e)) return std::move(*stanza);
    FAIL("no stanza in " << xml);
    return {};
}

std::string body_in(const xmpp::element& stanza) {
    const auto* body = stanza.child("body", xmpp::ns::client);
    return body == nullptr ? "" : body->text();
}

cgi::environ_map a_request() { return {{"REQUEST_METHOD", "GET"}, {"REQUEST_URI", "/<a&b>'\"\xE9"}}; }

chat_settings asking() {
    chat_settings s;
    s.from = gateway_jid;
    s.id_prefix = "g-";
    return s;
}
chat_settings answering() {
    chat_settings s;
    s.id_prefix = "p-";
    s.askers = {gateway_jid};
    return s;
}

/// A gateway whose counterpart is played by the test.
struct asker {
    explicit asker(const chat_settings& s = asking()) : core(s) { core.online(false, start); }

    transaction& ask(const std::string& batch, bool body_follows = false) {
        return core.open(peer_jid, batch, a_request(), body_follows, start);
    }
    void say(const std::string& thread, const std::string& body, const std::string& from = peer_jid) {
        core.receive(chat(from, thread, body), now);
    }
    /// What goes out now, pings answered.
    std::vector<xmpp::element> sent() {
        std::vector<xmpp::element> all;
        for (std::string out; core.next_stanza(out, now); out.clear()) {
            auto stanza = parse(out);
            if (stanza.name() == "iq") {
                auto pong = xmpp::make_result(stanza);
                pong.set("from", peer_jid);
                CHECK(core.receive(pong, now));
                continue;
            }
            all.push_back(std::move(stanza));
        }
        return all;
    }
    std::vector<std::string> bodies() {
        std::vector<std::string> all;
        for (const auto& stanza : sent()) all.push_back(body_in(stanza));
        return all;
    }

    base::time_point now = start;
    chat_exchange core;
};

/// A gateway and a peer of ours, face to face.
struct pair_of_cores {
    pair_of_cores() {
        gateway.online(false, start);
        peer.online(false, start);
    }
    void carry() {
        for (bool moved = true; std::exchange(moved, false);) {
            for (auto* side : {&gateway, &peer}) {
                auto& other = side == &gateway ? peer : gateway;
                for (std::string out; side->next_stanza(out, start); out.clear(), moved = true) {
                    auto stanza = parse(out);
                    stanza.set("from", side == &gateway ? gateway_jid : peer_jid);
                    if (xmpp::is_request(stanza)) {
                        auto pong = xmpp::make_result(stanza);
                        pong.set("from", side == &gateway ? peer_jid : gateway_jid);
                        side->receive(pong, start);
                    } else {
                        CHECK(other.receive(stanza, start));
                    }
                }
            }
            while (const auto e = peer.poll())
                if (e->opened) came.push_back(e->subject);
            while (gateway.poll()) {
            }
        }
    }
    chat_exchange gateway{asking()}, peer{answering()};
    std::deque<transaction*> came;
};

std::string all_bytes(std::size_t size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>((i * i + i / 251) % 256);
    return bytes;
}

const std::string fine = R"({"statuscode":200,"headers":[],"data":"fine"})";
const std::string done = R"({"signal":"producerFinished"})";

}  // namespace

TEST_CASE("a request goes plain, its signal alone behind it, and asks not to be copied or kept") {
    asker a;
    a.ask("one");
    const auto out = a.sent();
    REQUIRE(out.size() == 2);
    for (const auto& stanza : out) {
        CHECK(stanza.attr("type") == "chat");
        CHECK(stanza.attr("to") == peer_jid);
        CHECK(stanza.attr("from") == gateway_jid);
        CHECK(stanza.child("thread", xmpp::ns::client)->text() == "one");
        CHECK(stanza.child("private", "urn:xmpp:carbons:2") != nullptr);
        for (const auto hint : {"no-copy", "no-store", "no-permanent-store"})
            CHECK(stanza.child(hint, "urn:xmpp:hints") != nullptr);
    }
    CHECK(body_in(out[0]) ==
          "{\"batch\":\"one\",\"REQUEST_METHOD\":\"GET\","
          "\"REQUEST_URI\":\"/<a&b>'\\\"\xC3\xA9\"}");
    CHECK(body_in(out[1]) == R"({"batch":"one","signal":"producerFinished"})");
}

TEST_CASE("an answer in the ways of 2008 arrives") {
    for (const std::string& head : std::initializer_list<std::string>{
             R"({"statuscode":200,"headers":[["A","b"]],"data":"fi"})",
             R"({"statuscode":"200","headers":[["A","b"]],"body":"fi"})",
             R"({"batch":"one","statuscode":"200 OK","headers":[["A","b"]],"data":"fi","type":"x"})"}) {
        asker a;
        transaction& t = a.ask("one");
        (void)a.sent();
        a.say("one", " \n" + head + "\n");
        a.say("one", "");
        a.say("one", " \n ");
        a.say("one", R"({"data":"ne"})");
        a.say("one", done);
        REQUIRE(t.response() != nullptr);
        CHECK(t.response()->status == 200);
        CHECK(*t.response()->headers.find("A") == "b");
        CHECK(t.take() == "fine");
        CHECK(t.end().kind == end_kind::completed);
        a.core.release(t);
        CHECK(a.core.open_count() == 0);
    }
}

TEST_CASE("who answers packed is asked packed, and who answers plain plain") {
    asker a;
    transaction& first = a.ask("one");
    CHECK(a.bodies().at(0).starts_with("{"));
    a.say("one", packed(fine));
    a.say("one", packed(done));
    CHECK(first.take() == "fine");
    CHECK(first.end().kind == end_kind::completed);
    transaction& second = a.ask("two");
    const auto asked = a.bodies();
    REQUIRE(asked.size() == 2);
    CHECK(unpacked(asked[0]).starts_with(R"({"batch":"two","REQUEST_METHOD":"GET")"));
    CHECK(unpacked(asked[1]) == R"({"batch":"two","signal":"producerFinished"})");
    a.say("two", fine);
    a.ask("three");
    CHECK(a.bodies().at(0).starts_with("{"));
    (void)second;
}

TEST_CASE("after a silence the other form is tried, until something has come") {
    asker a;
    for (const bool is_packed : {false, true, false}) {
        transaction& t = a.ask("one");
        CHECK(a.bodies().at(0).starts_with("{") != is_packed);
        t.shut_down("timeout");
        a.core.release(t);
        CHECK(a.bodies().size() == 1);
        CHECK(a.core.open_count() == 0);
    }
    transaction& known = a.ask("two");
    CHECK(a.bodies().at(0).starts_with("{") == false);
    a.say("two", fine);
    known.shut_down("timeout");
    a.core.release(known);
    (void)a.sent();
    a.ask("three");
    CHECK(a.bodies().at(0).starts_with("{"));
}

TEST_CASE("bodies of any bytes cross both ways, plain and packed") {
    for (const bool is_packed : {false, true}) {
        pair_of_cores s;
        if (is_packed) {
            s.gateway.receive(chat(peer_jid, "none", packed(fine)), start);
            transaction& t = s.gateway.open(peer_jid, "first", a_request(), false, start);
            s.carry();
            s.gateway.receive(chat(peer_jid, "first", packed(fine)), start);
            s.gateway.release(t);
            s.carry();
            s.peer.release(*s.came.at(0));
            s.came.clear();
            s.carry();
        }
        const std::string up = all_bytes(300'000);
        std::string text;
        while (text.size() < 100'000)
            text += "d\xC3\xA9j\xC3\xA0 vu \xE2\x82\xAC <&> \"'\r\n\xF0\x9F\x8C\xB9";
        const std::string down = text + all_bytes(100'000);
        auto request = a_request();
        request.set("CONTENT_LENGTH", std::to_string(up.size()));
        transaction& t = s.gateway.open(peer_jid, "one", request, true, start);
        s.carry();
        REQUIRE(s.came.size() == 1);
        transaction& other = *s.came[0];
        CHECK(t.is_accepted());
        other.respond({200, {}});
        std::string got_up, got_down;
        std::size_t written_up = 0, written_down = 0;
        while (got_up.size() < up.size() || got_down.size() < down.size()) {
            const auto more =
                std::string_view(up).substr(written_up, std::min<std::size_t>(t.room(), 30'011));
            t.write(more);
            written_up += more.size();
            if (written_up == up.size()) t.finish();
            const auto back =
                std::string_view(down).substr(written_down, std::min<std::size_t>(other.room(), 7'001));
            other.write(back);
            written_down += back.size();
            s.gateway.touch(t);
            s.peer.touch(other);
            s.carry();
            got_up += other.take();
            got_down += t.take();
        }
        CHECK((got_up == up));
        CHECK((got_down == down));
        CHECK(other.is_drained());
        other.finish();
        s.peer.touch(other);
        s.carry();
        CHECK(t.end().kind == end_kind::completed);
        s.gateway.release(t);
        s.peer.release(other);
        s.carry();
        CHECK(s.gateway.open_count() == 0);
        CHECK(s.peer.open_count() == 0);
    }
}

TEST_CASE("only the full JID that was asked may answer") {
    asker a;
    transaction& t = a.ask("one");
    (void)a.sent();
    for (const std::string& from :
         std::initializer_list<std::string>{"romeo@montague.example", "romeo@montague.example/y",
                                            "tybalt@capulet.example/x", "montague.example", ""})
        CHECK_FALSE(a.core.receive(chat(from, "one", fine), start));
    CHECK(t.response() == nullptr);
    a.say("two", fine);
    a.say("one ", done + " ");
    CHECK(t.end().kind == end_kind::broken);
    CHECK(a.core.counters().unknown_batch == 1);
}

TEST_CASE("a message that breaks the protocol ends its transaction, and no other") {
    const std::string bomb = packed(R"({"data":")" + std::string(2'000'000, 'x') + "\"}");
    for (const std::string& body : std::initializer_list<std::string>{
             std::string("{"),
             std::string("hello"),
             std::string("[]"),
             std::string("{}x"),
             fine + fine,
             bomb,
             packed("[1]"),
             packed(fine) + "AAAA",
             packed(fine).substr(0, 40),
             std::string("===="),
             std::string(R"({"statuscode":200,"statuscode":200})"),
             std::string(R"({"statuscode":200,"data":"a","body":"b"})"),
             std::string(R"({"statuscode":200,"data":"\ud800"})"),
             std::string(R"({"statuscode":200,"data":5})"),
             std::string(R"({"statuscode":99})"),
             std::string(R"({"statuscode":"2000"})"),
             std::string(R"({"statuscode":200,"headers":{"A":"b"}})"),
             std::string(R"({"batch":"two","statuscode":200})"),
             std::string(R"({"statuscode":200,"data":"YQ==","encoding":"base64"})"),
             std::string(R"({"data":"before the head"})"),
             done,
             R"({"a":)" + std::string(5000, '[') + std::string(5000, ']') + "}"}) {
        asker a;
        transaction& one = a.ask("one");
        transaction& two = a.ask("two");
        (void)a.sent();
        a.say("one", body);
        CHECK_MESSAGE(one.end().kind == end_kind::broken, body.substr(0, 60));
        CHECK_FALSE(two.is_over());
        a.say("one", fine);
        a.core.release(one);
        const auto told = a.bodies();
        REQUIRE(told.size() == 1);
        CHECK(told[0].starts_with("{") ? told[0] == R"({"batch":"one","signal":"shutdownMicroprocess"})"
                                       : unpacked(told[0]).starts_with(R"({"batch":"one")"));
        CHECK(a.core.open_count() == 1);
        a.say("two", fine);
        CHECK(two.take() == "fine");
    }
}

TEST_CASE("what belongs to nothing is dropped without an answer") {
    asker a;
    transaction& t = a.ask("one");
    (void)a.sent();
    a.say("one", fine);
    a.say("one", done);
    CHECK(t.end().kind == end_kind::completed);
    a.say("one", R"({"data":"late"})");
    a.say("one", done);
    a.core.release(t);
    a.say("one", R"({"data":"later"})");
    a.say("", R"({"batch":"one","data":"no thread"})");
    a.say("x y", fine);
    a.say(std::string(65, 'x'), fine);
    a.say("one", R"({"REQUEST_METHOD":"GET"})");
    CHECK(a.sent().empty());
    CHECK(a.core.counters().refused == 1);
    CHECK_FALSE(a.core.deadline() == std::nullopt);
}

TEST_CASE("whoever goes offline ends what was open with it") {
    asker a;
    transaction& t = a.ask("one");
    (void)a.sent();
    a.say("one", packed(fine));
    a.core.unavailable(peer_jid);
    CHECK(t.end().kind == end_kind::offline);
    a.core.release(t);
    CHECK(a.core.open_count() == 0);
    a.ask("two");
    CHECK(a.bodies().at(0).starts_with("{"));  // another program may be there by now
}

TEST_CASE("a stanza that a server returns ends its transaction") {
    asker a;
    transaction& one = a.ask("one");
    transaction& two = a.ask("two");
    const auto out = a.sent();
    auto stranger = xmpp::make_error(out.at(0), xmpp::condition::remote_server_not_found);
    stranger.set("from", "tybalt@capulet.example/x");
    CHECK(a.core.receive(stranger, start));
    CHECK_FALSE(one.is_over());
    auto error = xmpp::make_error(out.at(0), xmpp::condition::remote_server_not_found);
    CHECK(a.core.receive(error, start));
    CHECK(one.end().kind == end_kind::bounced);
    CHECK(one.end().reason == "remote-server-not-found");
    CHECK_FALSE(two.is_over());
}

TEST_CASE("a response that stops in the middle is given up, one that goes on is not") {
    asker a;
    transaction& t = a.ask("one");
    (void)a.sent();
    a.say("one", fine);
    for (int i = 0; i < 5; ++i) {
        a.now += 50s;
        a.say("one", R"({"data":"x"})");
        a.core.expire(a.now);
        CHECK_FALSE(t.is_over());
    }
    a.now += 61s;
    a.core.expire(a.now);
    CHECK(t.end().kind == end_kind::timed_out);
    CHECK(a.bodies().at(0).find("shutdownMicroprocess") != std::string::npos);
}

TEST_CASE("bodies wait for pongs, heads and signals do not") {
    asker a;
    transaction& t = a.ask("one", true);
    t.write(std::string(200'000, 'x'));
    a.core.touch(t);
    std::vector<xmpp::element> pings;
    std::size_t bytes = 0;
    for (std::string out; a.core.next_stanza(out, a.now); out.clear()) {
        bytes += out.size();
        auto stanza = parse(out);
        if (stanza.name() == "iq") pings.push_back(std::move(stanza));
    }
    CHECK_FALSE(pings.empty());
    CHECK(bytes < 64 * 1024);
    a.ask("two");
    CHECK(a.bodies().size() == 2);
    auto pong = xmpp::make_error(pings.at(0), xmpp::condition::service_unavailable);
    CHECK(a.core.receive(pong, a.now));
    std::string more;
    CHECK(a.core.next_stanza(more, a.now));
}

TEST_CASE("who answers no ping is sent little at a time, and all in the end") {
    asker a;
    transaction& t = a.ask("one", true);
    const std::string body(200'000, 'x');
    t.write(body);
    t.finish();
    a.core.touch(t);
    std::size_t sent = 0, most = 0, rounds = 0;
    for (; !t.end().reason.empty() || rounds < 1000; ++rounds) {
        std::size_t now = 0;
        for (std::string out; a.core.next_stanza(out, a.now); out.clear()) {
            const auto stanza = parse(out);
            now += body_in(stanza).size();
        }
        sent += now;
        most = std::max(most, now);
        REQUIRE(a.core.deadline());
        a.now = std::max(*a.core.deadline(), a.now + 1ms);
        a.core.expire(a.now);
    }
    CHECK(sent > body.size());
    CHECK(most < 64 * 1024);
}

TEST_CASE("more than can be held for a visitor who does not read is cut off") {
    auto s = asking();
    s.most_unread = 1'000'000;
    s.most_unread_all = 1'500'000;
    asker a(s);
    transaction& one = a.ask("one");
    transaction& two = a.ask("two");
    (void)a.sent();
    const std::string piece = R"({"data":")" + std::string(100'000, 'x') + "\"}";
    a.say("one", fine);
    a.say("two", fine);
    for (int i = 0; i < 9; ++i) a.say("one", piece);
    CHECK_FALSE(one.is_over());
    for (int i = 0; i < 9; ++i) a.say("two", piece);
    CHECK(two.end().kind == end_kind::broken);
    CHECK_FALSE(one.is_over());
    CHECK(one.take().size() == 900'004);
    for (int i = 0; i < 11; ++i) a.say("one", piece);
    CHECK(one.end().kind == end_kind::broken);
}

TEST_CASE("a stream that breaks for its policy makes the largest message smaller") {
    asker a;
    a.core.offline(a.now, true);  // with nothing on its way it was for something else
    a.core.online(false, a.now);
    const auto ask_with = [&a](const char* batch, std::size_t bytes) -> transaction& {
        cgi::environ_map head{{"REQUEST_METHOD", "GET"}, {"HTTP_X", std::string(bytes, 'x')}};
        return a.core.open(peer_jid, batch, std::move(head), false, a.now);
    };
    transaction& first = ask_with("a", 60'000);
    std::string out;
    CHECK(a.core.next_stanza(out, a.now));
    CHECK_FALSE(first.is_over());
    a.core.offline(a.now, true);
    a.core.online(false, a.now);
    transaction& small = ask_with("b", 20'000);
    CHECK(a.sent().size() >= 1);
    CHECK_FALSE(small.is_over());
    transaction& large = ask_with("c", 45'000);
    CHECK(a.sent().empty());
    CHECK(large.end().kind == end_kind::too_large);
}

TEST_CASE("a head that fits no stanza is told to its owner") {
    asker a;
    auto request = a_request();
    request.set("HTTP_COOKIE", std::string(262'144, '"'));
    transaction& t = a.core.open(peer_jid, "one", request, false, start);
    CHECK(a.sent().empty());
    CHECK(t.end().kind == end_kind::too_large);
    a.core.release(t);
    CHECK(a.core.open_count() == 0);
}
