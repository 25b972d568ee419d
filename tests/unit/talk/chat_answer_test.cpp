#include <doctest/doctest.h>

#include "talk/chat_body.hpp"
#include "talk/chat_exchange.hpp"
#include "talk/chat_request.hpp"
#include "xmpp/stanza.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;
using namespace std::chrono_literals;

namespace {

const base::time_point start{};
const std::string gateway_jid = "http.montague.example";

xmpp::element chat(const std::string& thread, const std::string& body, const std::string& id,
                   const std::string& from = gateway_jid) {
    xmpp::element stanza("message", std::string(xmpp::ns::client));
    stanza.set("type", "chat").set("from", from).set("id", id);
    stanza.add(xmpp::element("thread", std::string(xmpp::ns::client))).set_text(thread);
    stanza.add(xmpp::element("body", std::string(xmpp::ns::client))).set_text(body);
    return stanza;
}

/// A request as a gateway of 2008 writes it.
const std::string old_request =
    R"({"batch":"1","REQUEST_METHOD":"GET","REQUEST_URI":"/romeo/a%20b?c?d","SCRIPT_NAME":"/romeo",)"
    R"("PATH_INFO":"/a%20b","QUERY_STRING":"c","NON_QUERY_URI":"/romeo/a%20b","CONTENT_TYPE":"",)"
    R"("CONTENT_LENGTH":"","REMOTE_PORT":51034,"SERVER_PROTOCOL":"HTTP/1.1","peer":["x"]})";
const std::string done = R"({"batch":"1","signal":"producerFinished"})";

struct answerer {
    answerer() : core(settings()) { core.online(false, start); }
    static chat_settings settings() {
        chat_settings s;
        s.id_prefix = "p-";
        s.askers = {gateway_jid};
        s.resumption = 30s;
        s.max_open = 2;
        return s;
    }
    transaction* came() {
        transaction* opened = nullptr;
        while (const auto e = core.poll())
            if (e->opened) opened = e->subject;
        return opened;
    }
    std::size_t sent() {
        std::size_t count = 0;
        for (std::string out; core.next_stanza(out, start); out.clear()) ++count;
        return count;
    }
    chat_exchange core;
};

std::string read_all(std::optional<std::uint64_t> length, const std::vector<std::string>& pieces) {
    chat_body_reader reader;
    reader.expect(length);
    std::string all;
    for (const auto& piece : pieces) all += reader.read(piece);
    return all;
}

}  // namespace

TEST_CASE("a request of 2008 is understood, and shown once it is clear whether it has a body") {
    answerer a;
    CHECK(a.core.receive(chat("1", old_request, "m1"), start));
    CHECK(a.came() == nullptr);
    CHECK(a.core.receive(chat("1", done, "m2"), start));
    transaction* t = a.came();
    REQUIRE(t != nullptr);
    CHECK(t->request()->get("PATH_INFO") == "/a b");
    CHECK(t->request()->get("QUERY_STRING") == "c?d");
    CHECK(t->request()->get("REMOTE_PORT") == "51034");
    CHECK(t->request()->find("CONTENT_LENGTH") == nullptr);
    CHECK(t->is_drained());
    t->respond({200, {}});
    t->finish();
    a.core.touch(*t);
    CHECK(a.sent() == 2);
    CHECK(t->end().kind == end_kind::completed);
    a.core.release(*t);
    CHECK(a.core.open_count() == 0);
}

TEST_CASE("a request with a length is shown at once, its body follows") {
    answerer a;
    a.core.receive(chat("1", R"({"REQUEST_METHOD":"POST","CONTENT_LENGTH":"4"})", "m1"), start);
    transaction* t = a.came();
    REQUIRE(t != nullptr);
    a.core.receive(chat("1", R"({"body":"ab"})", "m2"), start);
    a.core.receive(chat("1", R"({"body":"\u00e9\u00ff"})", "m2"), start);
    a.core.receive(chat("1", done, "m3"), start);
    CHECK(t->take() == "ab\xE9\xFF");
    CHECK(t->is_drained());
}

TEST_CASE("only the domains in the settings may ask") {
    answerer a;
    for (const std::string& from :
         std::initializer_list<std::string>{"juliet@capulet.example/x", "http.montague.example.evil",
                                            "montague.example", "juliet@montague.example", ""})
        CHECK_FALSE(a.core.receive(chat("1", old_request, "m1", from), start));
    CHECK(a.core.receive(chat("1", old_request, "m1", "anybody@" + gateway_jid + "/x"), start));
    CHECK(a.core.open_count() == 1);
}

TEST_CASE(
    "a request whose stanza has come before is not run again, the same batch from a new start is") {
    answerer a;
    a.core.receive(chat("1", old_request, "m1"), start);
    a.core.receive(chat("1", done, "m2"), start);
    transaction* t = a.came();
    REQUIRE(t != nullptr);
    a.core.receive(chat("1", old_request, "m1"), start);
    CHECK(a.core.counters().repeated_request == 1);
    CHECK_FALSE(t->is_over());
    t->respond({200, {}});
    t->finish();
    a.core.release(*t);
    (void)a.sent();
    CHECK(a.core.open_count() == 0);
    a.core.receive(chat("1", old_request, "m1"), start);
    CHECK(a.core.open_count() == 0);
    a.core.receive(chat("1", old_request, "n1"), start);
    CHECK(a.core.open_count() == 1);
    a.core.receive(chat("1", old_request, "k1"), start);  // nobody had been shown it
    a.core.receive(chat("1", done, "k2"), start);
    t = a.came();
    REQUIRE(t != nullptr);
    CHECK(a.core.open_count() == 1);
    a.core.receive(chat("1", old_request, "j1"), start);
    CHECK(t->end().kind == end_kind::replaced);
}

TEST_CASE("a request that was stored on the way is not run") {
    answerer a;
    auto stored = chat("1", old_request, "m1");
    stored.add(xmpp::element("delay", std::string(xmpp::ns::delay)));
    CHECK(a.core.receive(stored, start));
    CHECK(a.core.open_count() == 0);
}

TEST_CASE("more requests than are wanted are refused in the form in which they came") {
    answerer a;
    for (const std::string& batch : std::initializer_list<std::string>{"1", "2", "3"})
        a.core.receive(chat(batch, R"({"REQUEST_METHOD":"GET"})", batch), start);
    CHECK(a.core.open_count() == 2);
    std::string out;
    REQUIRE(a.core.next_stanza(out, start));
    CHECK(out.find("{\"batch\":\"3\",\"signal\":\"shutdownMicroprocess\"}") != std::string::npos);
}

TEST_CASE("a request that goes wrong before anybody has seen it leaves nothing") {
    for (const std::string& next :
         std::initializer_list<std::string>{R"({"data":5})", R"({"signal":"shutdownMicroprocess"})"}) {
        answerer a;
        a.core.receive(chat("1", old_request, "m1"), start);
        a.core.receive(chat("1", next, "m2"), start);
        (void)a.sent();
        CHECK(a.came() == nullptr);
        CHECK(a.core.open_count() == 0);
    }
    answerer a;
    a.core.receive(chat("1", old_request, "m1"), start);
    a.core.expire(start + 121s);
    a.core.expire(start + 122s);
    CHECK(a.sent() == 1);
    CHECK(a.core.open_count() == 0);
}

TEST_CASE("what runs survives a stream that is resumed, and no other") {
    answerer a;
    a.core.receive(chat("1", old_request, "m1"), start);
    a.core.receive(chat("1", done, "m2"), start);
    transaction* t = a.came();
    REQUIRE(t != nullptr);
    a.core.offline(start);
    a.core.online(true, start + 10s);
    CHECK_FALSE(t->is_over());
    a.core.offline(start + 20s);
    a.core.expire(start + 51s);
    CHECK(t->end().kind == end_kind::link_down);
    a.core.release(*t);
    CHECK(a.core.open_count() == 0);
}

TEST_CASE("bodies of chat messages are bytes or text, as they show themselves") {
    CHECK(read_all({}, {"plain"}) == "plain");
    CHECK(read_all({}, {"caf\xC3\xA9"}) == "caf\xC3\xA9");  // text of a writer of 2008
    CHECK(read_all(4, {"caf\xC3\xA9"}) == "caf\xE9");       // as its length says
    CHECK(read_all(5, {"caf\xC3\xA9"}) == "caf\xC3\xA9");
    CHECK(read_all({}, {"\xE2\x82\xAC"}) == "\xE2\x82\xAC");            // above U+00FF
    CHECK(read_all({}, {"\xC3\x83\xC2\xA9"}) == "\xC3\xA9");            // UTF-8, byte by byte
    CHECK(read_all({}, {"\xC2\x89PNG", "\xC3\xBF"}) == "\x89PNG\xFF");  // bytes once, bytes on
    CHECK(read_all({}, {std::string("\0\x7F", 2)}) == std::string("\0\x7F", 2));
}

TEST_CASE("a piece of a body is cut and written so that the simplest reader understands it") {
    const auto cut = [](std::string_view body, std::size_t most, bool is_whole) {
        const auto piece = cut_chat_piece(body, most, is_whole);
        return std::pair(piece.bytes, piece.is_text);
    };
    CHECK(cut("abc", 2, true) == std::pair<std::size_t, bool>(2, true));
    CHECK(cut("a\xE2\x82\xAC"
              "b",
              3, true) == std::pair<std::size_t, bool>(1, true));
    CHECK(cut("\xE2\x82\xAC"
              "b",
              4, true) == std::pair<std::size_t, bool>(4, true));
    CHECK(cut("\xC3\xA9", 4, true) == std::pair<std::size_t, bool>(2, false));
    CHECK(cut("\xE2\x82", 4, false) == std::pair<std::size_t, bool>(0, false));
    CHECK(cut("\xE2\x82", 4, true) == std::pair<std::size_t, bool>(2, false));
    CHECK(cut("ab\xFF\xE2\x82\xAC", 6, true) == std::pair<std::size_t, bool>(6, false));
    CHECK(cut("", 6, true) == std::pair<std::size_t, bool>(0, false));
}

TEST_CASE("a target of 2008 is taken apart anew, one that cannot be read stays for the checks") {
    cgi::environ_map root{{"REQUEST_URI", "/romeo/"}, {"SCRIPT_NAME", "/romeo/"}, {"PATH_INFO", ""}};
    bring_up_to_date(root);
    CHECK(root.get("SCRIPT_NAME") == "/romeo");
    CHECK(root.get("PATH_INFO") == "/");
    CHECK(root.get("NON_QUERY_URI") == "/romeo/");
    for (const std::string& bad : std::initializer_list<std::string>{"/other", "*", "/romeo/%zz"}) {
        cgi::environ_map request{{"REQUEST_URI", bad}, {"SCRIPT_NAME", "/romeo"}, {"PATH_INFO", "/x"}};
        const auto before = request;
        bring_up_to_date(request);
        CHECK(request == before);
    }
}
