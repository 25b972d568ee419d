// The component as an entity: a script of stanzas in and stanzas out.
#include "gateway/services.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {
namespace {

using namespace std::chrono_literals;
using xmpp::presence_type;

constexpr const char* gateway_jid = "http.example.org";
constexpr const char* romeo = "romeo@example.org";
constexpr const char* orchard = "romeo@example.org/orchard";

struct stage {
    directory sites;
    presence_table table;
    services answers;
    base::time_point now{1h};

    stage()
        : answers({gateway_jid,
                   "1.0",
                   "q-",
                   {parse_base_url("https://http.example.org").value(), addressing::host}},
                  sites, table, base::time_point{}) {
        sites.fix({{"romeo", romeo}, {"balcony", "juliet@example.org"}});
    }
    void attach() {
        answers.attached(now);
        (void)said();
    }
    void hear(const xmpp::element& stanza) { answers.receive(stanza, now, {}); }
    void hear(presence_type type, const std::string& from) {
        hear(xmpp::make_presence(type, gateway_jid, from));
    }
    std::vector<xmpp::element> said() {
        std::vector<xmpp::element> all;
        while (auto next = answers.next(now)) all.push_back(*std::move(next));
        return all;
    }
    /// Everything said, as "name type to" lines.
    std::vector<std::string> told() {
        std::vector<std::string> all;
        for (const auto& s : said()) {
            CHECK(s.attr("from") == gateway_jid);
            std::string line = s.name();
            if (s.has_attr("type")) line += ' ' + std::string(s.attr("type"));
            all.push_back(line + ' ' + std::string(s.attr("to")));
        }
        return all;
    }
    std::vector<std::string> changes() {
        std::vector<std::string> all;
        while (const auto change = answers.poll())
            all.push_back((change->is_available ? '+' : '-') + change->full);
        return all;
    }
    bool speaks(const std::string& full) {
        const auto* r = table.find(full);
        return r != nullptr && r->speaks == dialect::crosstalk;
    }
};

using lines = std::vector<std::string>;

xmpp::disco_info peer_info() {
    xmpp::disco_info info;
    info.identities.push_back({"automation", "x", "", ""});
    info.features = {std::string(xmpp::ns::crosstalk)};
    return info;
}

xmpp::element answer_to(const xmpp::element& question, const xmpp::disco_info& info) {
    auto result = xmpp::make_result(question);
    result.add(xmpp::to_element(info));
    return result;
}

xmpp::element sites_request(const std::string& from) {
    auto asked = xmpp::make_iq(xmpp::iq_type::get, "s1", gateway_jid, from);
    asked.add(xmpp::element("sites", std::string(xmpp::ns::crosstalk)));
    return asked;
}

}  // namespace

TEST_CASE("when it attaches everybody is greeted and probed") {
    stage s;
    s.answers.attached(s.now);
    CHECK(s.told() == lines{"presence juliet@example.org", "presence probe juliet@example.org",
                            "presence romeo@example.org", "presence probe romeo@example.org"});
    CHECK(s.answers.settles_at(romeo) == s.now + services::patience);
    CHECK(s.answers.settles_at("nobody@example.org") < s.now);
}

TEST_CASE("a resource with unknown caps is asked what it can do") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    CHECK(s.changes() == lines{"+romeo@example.org/orchard"});
    const auto questions = s.said();
    REQUIRE(questions.size() == 1);
    CHECK(questions[0].attr("to") == orchard);
    CHECK(questions[0].child("query", xmpp::ns::disco_info) != nullptr);
    CHECK_FALSE(s.speaks(orchard));
    CHECK(s.answers.settles_at(romeo) > s.now);
    s.hear(answer_to(questions[0], peer_info()));
    CHECK(s.speaks(orchard));
    CHECK(s.answers.settles_at(romeo) < s.now);
}

TEST_CASE("a program that knows no disco may be one of 2008, other errors say nothing") {
    for (const auto& [condition, speaks] :
         {std::pair(xmpp::condition::feature_not_implemented, dialect::chat),
          {xmpp::condition::service_unavailable, dialect::chat},
          {xmpp::condition::forbidden, dialect::none},
          {xmpp::condition::remote_server_timeout, dialect::none}}) {
        stage s;
        s.attach();
        s.hear(presence_type::available, orchard);
        const auto questions = s.said();
        REQUIRE(questions.size() == 1);
        s.hear(xmpp::make_error(questions[0], condition));
        CHECK(s.table.find(orchard)->speaks == speaks);
    }
}

TEST_CASE("only the resource that was asked may answer, and only that question") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    s.hear(presence_type::available, "romeo@example.org/other");
    const auto questions = s.said();
    REQUIRE(questions.size() == 2);
    auto forged = answer_to(questions[0], peer_info());
    forged.set("from", "mallory@example.org/x");
    s.hear(forged);
    forged.set("from", "romeo@example.org/other");
    s.hear(forged);
    forged.set("from", orchard).set("id", "q-999");
    s.hear(forged);
    CHECK_FALSE(s.speaks(orchard));
    CHECK_FALSE(s.speaks("romeo@example.org/other"));
}

TEST_CASE("a verified hash speaks for others, a false one for its own sender alone") {
    stage s;
    s.attach();
    const auto honest = xmpp::make_caps("n", peer_info());
    s.hear(xmpp::make_available(honest, gateway_jid, orchard));
    s.hear(answer_to(s.said().at(0), peer_info()));
    s.hear(xmpp::make_available(honest, gateway_jid, "juliet@example.org/home"));
    CHECK(s.speaks("juliet@example.org/home"));
    CHECK(s.said().empty());
    const xmpp::caps forged{"n", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "sha-1"};
    s.hear(xmpp::make_available(forged, gateway_jid, "romeo@example.org/a"));
    s.hear(answer_to(s.said().at(0), peer_info()));
    CHECK(s.speaks("romeo@example.org/a"));
    s.hear(xmpp::make_available(forged, gateway_jid, "romeo@example.org/b"));
    CHECK_FALSE(s.speaks("romeo@example.org/b"));
    CHECK(s.said().size() == 1);
}

TEST_CASE("presence counts from owners only") {
    stage s;
    s.attach();
    s.hear(presence_type::available, "mallory@example.org/x");
    s.hear(presence_type::available, romeo);
    CHECK(s.table.size() == 0);
    CHECK(s.said().empty());
    CHECK(s.changes().empty());
}

TEST_CASE("unavailable, and presence errors, take a resource away") {
    stage s;
    s.attach();
    for (const auto type : {presence_type::unavailable, presence_type::error}) {
        s.hear(presence_type::available, orchard);
        (void)s.changes();
        s.hear(type, orchard);
        CHECK(s.table.size() == 0);
        CHECK(s.changes() == lines{"-romeo@example.org/orchard"});
        (void)s.said();
    }
}

TEST_CASE("the server's word that nobody is there settles the matter at once") {
    for (const auto type :
         {presence_type::unavailable, presence_type::error, presence_type::unsubscribed}) {
        stage s;
        s.attach();
        s.hear(type, romeo);
        CHECK(s.answers.settles_at(romeo) < s.now);
        CHECK(s.answers.settles_at("juliet@example.org") > s.now);
    }
}

TEST_CASE("a probe never goes beside a subscription that is asked for") {
    stage s;
    s.answers.attached(s.now);
    (void)s.said();
    s.sites.fix({{"new", "nurse@example.org"}});
    s.answers.sites_changed(s.now);
    for (const auto& line : s.told()) CHECK(line != "presence probe nurse@example.org");
    s.hear(presence_type::subscribed, "nurse@example.org");
    CHECK(s.told() == lines{"presence probe nurse@example.org"});
}

TEST_CASE("an owner's subscription is approved and returned, a stranger's refused") {
    stage s;
    s.attach();
    s.hear(presence_type::subscribe, romeo);
    CHECK(s.told() == lines{"presence subscribed romeo@example.org", "presence romeo@example.org",
                            "presence subscribe romeo@example.org"});
    s.hear(presence_type::subscribed, romeo);
    CHECK(s.told() == lines{"presence probe romeo@example.org"});
    CHECK(s.answers.settles_at(romeo) > s.now);
    s.hear(presence_type::subscribe, "mallory@example.org");
    CHECK(s.told() == lines{"presence unsubscribed mallory@example.org"});
    s.hear(presence_type::unsubscribe, romeo);
    CHECK(s.told() ==
          lines{"presence unsubscribed romeo@example.org", "presence unavailable romeo@example.org"});
    s.hear(presence_type::probe, orchard);
    CHECK(s.told() == lines{"presence romeo@example.org/orchard"});
    s.hear(presence_type::probe, "mallory@example.org/x");
    CHECK(s.told().empty());
}

TEST_CASE("an owner who shuts us out is not asked again, and welcome back") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    (void)s.said();
    s.hear(presence_type::unsubscribed, romeo);
    CHECK(s.told().empty());
    s.hear(presence_type::subscribe, romeo);
    (void)s.said();
    s.hear(presence_type::subscribe, romeo);
    CHECK(s.told().at(2) == "presence subscribe romeo@example.org");
}

TEST_CASE("who does not answer the probe is asked to share presence, once") {
    stage s;
    s.attach();
    s.hear(presence_type::unavailable, "juliet@example.org");
    s.answers.expire(s.now);
    CHECK(s.told().empty());
    s.now += services::patience;
    s.answers.expire(s.now);
    CHECK(s.told() == lines{"presence subscribe romeo@example.org"});
    s.answers.expire(s.now + 1h);
    s.answers.detached();
    s.attach();
    s.now += services::patience;
    s.answers.expire(s.now);
    CHECK(s.told() == lines{"presence subscribe juliet@example.org"});
}

TEST_CASE("a question without an answer is repeated, not for ever") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    CHECK(s.told() == lines{"iq get romeo@example.org/orchard"});
    std::size_t repeated = 0;
    for (int i = 0; i < 10; ++i) {
        s.now += services::patience;
        s.answers.expire(s.now);
        for (const auto& line : s.told())
            repeated += line == "iq get romeo@example.org/orchard" ? 1 : 0;
    }
    CHECK(repeated == 2);
}

TEST_CASE("new sites' owners are greeted at once, those of removed sites forgotten") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    (void)s.said();
    s.sites.fix({{"balcony", "juliet@example.org"}, {"new", "nurse@example.org"}});
    s.answers.sites_changed(s.now);
    CHECK(s.told() == lines{"presence nurse@example.org", "presence subscribe nurse@example.org",
                            "presence unsubscribe romeo@example.org", "presence unsubscribed romeo@example.org",
                            "presence unavailable romeo@example.org"});
    CHECK(s.answers.settles_at("nurse@example.org") > s.now);
    CHECK(s.table.size() == 0);
    s.answers.sites_changed(s.now);
    CHECK(s.told().empty());
}

TEST_CASE("who is an owner again before it could be said is not taken leave of") {
    stage s;
    s.attach();
    s.sites.fix({{"balcony", "juliet@example.org"}});
    s.answers.sites_changed(s.now);
    s.sites.fix({{"balcony", "juliet@example.org"}, {"romeo", romeo}});
    s.answers.sites_changed(s.now);
    CHECK(s.told() == lines{"presence romeo@example.org", "presence subscribe romeo@example.org"});
}

TEST_CASE("who lost the last site while the component was away is taken leave of when it is back") {
    stage s;
    s.attach();
    s.answers.detached();
    s.sites.fix({{"balcony", "juliet@example.org"}});
    s.answers.sites_changed(s.now);
    CHECK(s.told().empty());
    s.answers.attached(s.now);
    CHECK(s.told() == lines{"presence unsubscribe romeo@example.org", "presence unsubscribed romeo@example.org",
                            "presence unavailable romeo@example.org", "presence juliet@example.org",
                            "presence probe juliet@example.org"});
}

TEST_CASE("however many owners there are, each is greeted, and told when it leaves") {
    constexpr std::size_t many = 5'000;
    stage s;
    std::vector<site> all;
    for (std::size_t i = 0; i < many; ++i) all.push_back({"s" + std::to_string(i), "u" + std::to_string(i) + "@example.org"});
    s.attach();
    s.sites.fix(all);
    s.answers.sites_changed(s.now);
    CHECK(s.said().size() == 2 * many + 2 * 3);  // romeo and juliet are none any more
    s.answers.detached();
    s.answers.attached(s.now);
    s.now += services::patience;
    s.answers.expire(s.now);
    CHECK(s.said().size() == 2 * many);  // whose turn came late has not been silent yet
    s.now += services::patience;
    s.answers.expire(s.now);
    CHECK(s.said().empty());  // they have been asked to share presence
    s.answers.farewell();
    const auto said = s.said();
    CHECK(said.size() == many);
    CHECK(std::ranges::all_of(said, [](const auto& stanza) { return stanza.attr("type") == "unavailable"; }));
}

TEST_CASE("however many owners are silent, each is asked to share presence") {
    constexpr std::size_t many = 5'000;
    stage s;
    std::vector<site> all;
    for (std::size_t i = 0; i < many; ++i) all.push_back({"s" + std::to_string(i), "u" + std::to_string(i) + "@example.org"});
    s.sites.fix(all);
    s.attach();
    s.now += services::patience;
    s.answers.expire(s.now);
    const auto said = s.said();
    CHECK(said.size() == many);
    CHECK(std::ranges::all_of(said, [](const auto& stanza) { return stanza.attr("type") == "subscribe"; }));
}

TEST_CASE("leave is taken also of those who could not be told before the stream was lost, or before the end") {
    for (const bool is_lost : {true, false}) {
        stage s;
        s.attach();
        s.sites.fix({{"balcony", "juliet@example.org"}});
        s.answers.sites_changed(s.now);
        if (is_lost) {
            s.answers.detached();
            s.answers.attached(s.now);
        } else {
            s.answers.farewell();
        }
        const auto told = s.told();
        CHECK(std::ranges::count(told, "presence unsubscribe romeo@example.org") == 1);
    }
}

TEST_CASE("who leaves says nothing of itself any more") {
    stage s;
    s.attach();
    s.answers.farewell();
    s.hear(presence_type::probe, orchard);
    s.hear(presence_type::subscribe, romeo);
    s.sites.fix({{"romeo", romeo}, {"new", "nurse@example.org"}});
    s.answers.sites_changed(s.now);
    s.now += services::patience;
    s.answers.expire(s.now);
    CHECK(s.told() == lines{"presence unavailable juliet@example.org", "presence unavailable romeo@example.org"});
}

TEST_CASE("requests wait for a resource that has yet to name its sites") {
    stage s;
    s.attach();
    auto shown = xmpp::make_presence(presence_type::available, gateway_jid, orchard);
    shown.add({"sites", std::string(xmpp::ns::crosstalk)});
    s.hear(shown);
    const auto questions = s.said();
    REQUIRE(questions.size() == 1);
    s.hear(answer_to(questions[0], peer_info()));
    CHECK(s.answers.settles_at(romeo) == s.now + presence_table::names_within);
    auto named = xmpp::make_presence(presence_type::available, gateway_jid, orchard);
    named.add({"sites", std::string(xmpp::ns::crosstalk)}).add({"site", std::string(xmpp::ns::crosstalk)}).set("name", "romeo");
    s.hear(named);
    CHECK(s.answers.settles_at(romeo) < s.now);
    s.hear(shown);
    CHECK(s.table.find(orchard)->serves == std::vector<std::string>{"romeo"});
}

TEST_CASE("it says what it is") {
    stage s;
    s.attach();
    auto question = xmpp::make_iq(xmpp::iq_type::get, "d1", gateway_jid, "a@b/c");
    question.add(xmpp::element("query", std::string(xmpp::ns::disco_info)));
    s.hear(question);
    const auto said = s.said();
    REQUIRE(said.size() == 1);
    const auto info = xmpp::read_disco_info(*said[0].child("query", xmpp::ns::disco_info));
    REQUIRE(info);
    CHECK(info->is("gateway", "http"));
    for (const auto feature :
         {xmpp::ns::crosstalk, xmpp::ns::ping, xmpp::ns::version, xmpp::ns::disco_info}) {
        CHECK(info->has(feature));
    }
}

TEST_CASE("everybody is told their own sites, and no other's") {
    stage s;
    s.attach();
    s.hear(sites_request(orchard));
    auto said = s.said();
    REQUIRE(said.size() == 1);
    const auto* list = said[0].child("sites", xmpp::ns::crosstalk);
    REQUIRE(list != nullptr);
    REQUIRE(list->children().size() == 1);
    CHECK(list->children()[0].attr("name") == "romeo");
    CHECK(list->children()[0].attr("url") == "https://romeo.http.example.org/");
    s.hear(sites_request("mallory@example.org/x"));
    said = s.said();
    REQUIRE(said.size() == 1);
    CHECK(said[0].child("sites", xmpp::ns::crosstalk)->children().empty());
}

TEST_CASE("what it does not know is refused, errors and results are never answered") {
    stage s;
    s.attach();
    auto odd = xmpp::make_iq(xmpp::iq_type::set, "o1", gateway_jid, "a@b/c");
    odd.add(xmpp::element("what", "urn:example:unknown"));
    s.hear(odd);
    CHECK(s.told() == lines{"iq error a@b/c"});
    s.hear(xmpp::make_error(odd, xmpp::condition::conflict));
    s.hear(xmpp::make_result(odd));
    xmpp::element chat("message", std::string(xmpp::ns::client));
    chat.set("from", "a@b/c").set("to", gateway_jid).set("type", "chat");
    s.hear(chat);
    CHECK(s.told().empty());
    chat.add(xmpp::element("body", std::string(xmpp::ns::client)).set_text("hello"));
    s.hear(chat);
    CHECK(s.told() == lines{"message error a@b/c"});
    chat.set("type", "error");
    s.hear(chat);
    CHECK(s.told().empty());
}

TEST_CASE("at the end everybody is told") {
    stage s;
    s.attach();
    s.answers.farewell();
    CHECK(s.told() ==
          lines{"presence unavailable juliet@example.org", "presence unavailable romeo@example.org"});
}

TEST_CASE("while it is detached nothing is heard or said") {
    stage s;
    s.attach();
    s.hear(presence_type::available, orchard);
    s.answers.detached();
    CHECK(s.table.size() == 0);
    CHECK(s.told().empty());
    s.hear(sites_request(orchard));
    CHECK(s.told().empty());
}

TEST_CASE("a flood of questions does not grow the queue without bound") {
    stage s;
    s.attach();
    for (int i = 0; i < 10'000; ++i) s.hear(sites_request("a@b/" + std::to_string(i)));
    const auto queued = s.told().size();
    CHECK(queued > 0);
    CHECK(queued < 5000);
}

}  // namespace crosstalk::gateway
