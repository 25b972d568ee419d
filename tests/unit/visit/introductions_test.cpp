#include "visit/introductions.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using namespace std::chrono_literals;
using visit::introductions;
using visit::welcome;
using xmpp::element;
using verdict = ask::presence_table::verdict;

namespace {

const std::string romeo = "romeo@montague.example";
const std::string laptop = romeo + "/laptop";

/// Juliet, who asks Romeo.
struct juliet {
    explicit juliet(std::size_t most = 64) : meeting({"q-", most, 60s}) {
        meeting.online(false, "juliet@capulet.example/x", now);
    }

    std::vector<element> said() {
        std::vector<element> list;
        while (auto stanza = meeting.next_stanza()) list.push_back(std::move(*stanza));
        return list;
    }
    welcome look(const std::string& bare = romeo) {
        const auto found = meeting.look(
            {bare, since}, [](const std::string&) { return verdict::usable; }, now);
        full = found.full;
        return found.what;
    }
    bool presence(const std::string& from, const std::string& type = "") {
        element p("presence", std::string{xmpp::ns::client});
        p.set("from", from);
        if (!type.empty()) p.set("type", type);
        return meeting.receive(p, now);
    }
    bool error(const std::string& from, xmpp::condition what) {
        element p("presence", std::string{xmpp::ns::client});
        p.set("from", from).set("type", "error");
        p.add(xmpp::error_element({what}));
        return meeting.receive(p, now);
    }
    /// The answer to the last question for features; `from` may lie.
    bool features(const std::string& from, bool speaks = true) {
        element iq("iq", std::string{xmpp::ns::client});
        iq.set("type", "result").set("from", from).set("id", question);
        xmpp::disco_info told;
        told.identities.push_back({"client", "bot", "", ""});
        if (speaks) told.features.emplace_back(xmpp::ns::crosstalk);
        iq.add(xmpp::to_element(told));
        return meeting.receive(iq, now);
    }
    void note_question() {
        for (const auto& stanza : said())
            if (stanza.child("query", xmpp::ns::disco_info)) question = stanza.attr("id");
    }
    void let_in() {
        CHECK(look() == welcome::waiting);
        (void)said();
        CHECK(presence(laptop));
        note_question();
        CHECK(features(laptop));
        REQUIRE(look() == welcome::found);
    }
    void pass(base::milliseconds time) {
        const auto end = now + time;
        for (;;) {
            const auto next = meeting.deadline();
            if (!next || *next > end) break;
            REQUIRE(*next >= now);
            now = *next;
            meeting.expire(now);
        }
        now = end;
    }

    base::time_point now{1000s}, since{1000s};
    introductions meeting;
    std::string full, question;
};

}  // namespace

TEST_CASE("a peer is asked by presence to its bare JID, and found once it says what it can do") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    CHECK(j.look() == welcome::waiting);
    auto list = j.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == romeo);
    CHECK(list[0].attr("type").empty());
    CHECK(list[0].child("crosstalk", xmpp::ns::crosstalk) != nullptr);
    CHECK(j.look() == welcome::waiting);
    CHECK(j.said().empty());
    CHECK(j.presence(laptop));
    list = j.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == laptop);
    CHECK(j.look() == welcome::waiting);
    j.question = list[0].attr("id");
    CHECK(j.features(laptop));
    CHECK(j.look() == welcome::found);
    CHECK(j.full == laptop);
}

TEST_CASE("presence and features of anybody else are not believed, nor our own") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.look();
    (void)j.said();
    for (const std::string from : {"mallory@evil.example/x", "romeo@montague.example.evil.example/x",
                                   "juliet@capulet.example/x", "montague.example"})
        CHECK_FALSE(j.presence(from));
    CHECK(j.said().empty());
    j.presence(laptop);
    j.note_question();
    CHECK_FALSE(j.features("mallory@evil.example/x"));
    CHECK_FALSE(j.features(romeo + "/other"));
    CHECK(j.look() == welcome::waiting);
    j.question = "guess";
    CHECK_FALSE(j.features(laptop));
}

TEST_CASE("a resource that speaks something else is not asked") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.look();
    (void)j.said();
    j.presence(laptop);
    j.note_question();
    CHECK(j.features(laptop, false));
    CHECK(j.look() == welcome::waiting);
    j.pass(10s);
    CHECK(j.look() == welcome::nobody);
}

TEST_CASE("nobody answers: the question is repeated, and given up after ten seconds") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.look();
    j.pass(9900ms);
    CHECK(j.look() == welcome::waiting);
    CHECK(j.said().size() == 4);
    j.pass(100ms);
    CHECK(j.look() == welcome::nobody);
    // Whoever comes later asks anew.
    j.now += 1s;
    j.since = j.now;
    CHECK(j.look() == welcome::waiting);
    CHECK(j.said().size() == 1);
}

TEST_CASE("a refusal is one only if no other resource lets us in") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.look();
    (void)j.said();
    CHECK(j.error(romeo + "/locked", xmpp::condition::forbidden));
    CHECK(j.look() == welcome::waiting);
    j.pass(499ms);
    CHECK(j.look() == welcome::waiting);
    j.pass(1ms);
    CHECK(j.look() == welcome::refused);
    j.now += 1s;
    j.since = j.now;
    j.look();
    j.error(romeo + "/locked", xmpp::condition::forbidden);
    j.presence(laptop);
    j.note_question();
    j.features(laptop);
    CHECK(j.look() == welcome::found);
    j.pass(5s);
    CHECK(j.look() == welcome::found);
}

TEST_CASE("a server that cannot find the way is told at once; other errors are not the end") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.look();
    CHECK(j.error(romeo + "/phone", xmpp::condition::service_unavailable));
    CHECK(j.look() == welcome::waiting);
    CHECK(j.error(romeo, xmpp::condition::remote_server_not_found));
    CHECK(j.look() == welcome::unreachable);
}

TEST_CASE("a peer that leaves is asked for again") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.let_in();
    CHECK(j.presence(laptop, "unavailable"));
    j.now += 1s;
    j.since = j.now;
    CHECK(j.look() == welcome::waiting);
    CHECK(j.said().size() == 1);
}

TEST_CASE("who is done says goodbye after a while, not while somebody asks") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    j.let_in();
    j.pass(300s);
    CHECK(j.said().empty());
    CHECK(j.look() == welcome::found);
    j.meeting.leave(romeo, j.now);
    j.pass(59s);
    CHECK(j.said().empty());
    j.pass(1s);
    const auto list = j.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == romeo);
    CHECK(list[0].attr("type") == "unavailable");
    CHECK(j.meeting.size() == 0);
    CHECK_FALSE(j.presence(laptop));
}

TEST_CASE("peers are bounded: the one that has been idle longest makes room") {
    juliet j(2);
    REQUIRE(j.meeting.enter("a@x.example", j.now));
    REQUIRE(j.meeting.enter("b@x.example", j.now));
    CHECK_FALSE(j.meeting.enter("c@x.example", j.now));
    CHECK(j.meeting.enter("a@x.example", j.now));
    j.meeting.leave("a@x.example", j.now);
    CHECK_FALSE(j.meeting.enter("c@x.example", j.now));
    j.meeting.leave("a@x.example", j.now);
    CHECK(j.meeting.enter("c@x.example", j.now));
    CHECK(j.meeting.size() == 2);
    CHECK(j.look("a@x.example") == welcome::nobody);
}

TEST_CASE("after a lost stream nobody is known, and who is awaited is asked anew") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    REQUIRE(j.meeting.enter("b@x.example", j.now));
    j.let_in();
    j.look("b@x.example");
    (void)j.said();
    j.meeting.offline();
    j.meeting.online(false, "juliet@capulet.example/y", j.now);
    const auto list = j.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == "b@x.example");
    j.now += 1ms;
    j.since = j.now;
    CHECK(j.look() == welcome::waiting);
    CHECK(j.said().size() == 1);
}

TEST_CASE("leaving for good is said to everybody who knows us") {
    juliet j;
    REQUIRE(j.meeting.enter(romeo, j.now));
    REQUIRE(j.meeting.enter("b@x.example", j.now));
    j.let_in();
    (void)j.said();
    j.meeting.farewell();
    const auto list = j.said();
    REQUIRE(list.size() == 1);
    CHECK(list[0].attr("to") == romeo);
    CHECK(list[0].attr("type") == "unavailable");
}
