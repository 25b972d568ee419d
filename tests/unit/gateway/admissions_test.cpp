// Whether contacts are let in, as their owner's program says; and what owners are asked.
#include "gateway/admissions.hpp"

#include <doctest/doctest.h>

#include "gateway/access_requests.hpp"
#include "gateway/roster_grants.hpp"

namespace crosstalk::gateway {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;
const base::time_point start{1000s};
const std::string romeo = "romeo@montague.example/site", juliet = "juliet@capulet.example";

xmpp::element answer(const xmpp::element& question, const char* admitted, const std::string& from = romeo) {
    auto result = xmpp::make_result(question);
    result.set("from", from);
    auto& admit = result.add(xmpp::element("admit", std::string(xmpp::ns::crosstalk)));
    admit.set("jid", juliet).set("site", "balcony").set("admitted", admitted);
    return result;
}

}  // namespace

TEST_CASE("what the owner's program says counts for a minute") {
    admissions all;
    const auto question = all.ask("id", romeo, "balcony", juliet, start);
    REQUIRE(question);
    CHECK(question->attr("to") == romeo);
    CHECK(question->child("admit", xmpp::ns::crosstalk)->attr("jid") == juliet);
    CHECK(all.is_open("id"));
    CHECK_FALSE(all.find("balcony", juliet, start));
    CHECK(all.receive(answer(*question, "true"), start));
    CHECK_FALSE(all.is_open("id"));
    CHECK(all.find("balcony", juliet, start + 59s) == true);
    CHECK_FALSE(all.find("balcony", juliet, start + 60s));
    CHECK_FALSE(all.find("garden", juliet, start));
    CHECK_FALSE(all.find("balcony", "nurse@capulet.example", start));
    all.forget();
    CHECK_FALSE(all.find("balcony", juliet, start));
}

TEST_CASE("nobody else can answer, nor about something else") {
    admissions all;
    const auto question = all.ask("id", romeo, "balcony", juliet, start);
    REQUIRE(question);
    CHECK_FALSE(all.receive(answer(*question, "true", "mallory@evil.example/x"), start));
    CHECK_FALSE(all.receive(answer(*question, "true", "romeo@montague.example"), start));
    CHECK(all.is_open("id"));
    auto other = answer(*question, "true");
    other.set("id", "guess");
    CHECK_FALSE(all.receive(other, start));
    auto error = xmpp::make_error(*question, xmpp::condition::service_unavailable);
    error.set("from", romeo);
    CHECK(all.receive(error, start));
    CHECK_FALSE(all.find("balcony", juliet, start));
    const auto again = all.ask("id2", romeo, "garden", juliet, start);
    CHECK(all.receive(answer(*again, "true"), start));
    CHECK_FALSE(all.find("garden", juliet, start));
}

TEST_CASE("anything but true is no") {
    for (const char* word : {"false", "TRUE", "1", ""}) {
        admissions all;
        const auto question = all.ask("id", romeo, "balcony", juliet, start);
        CHECK(all.receive(answer(*question, word), start));
        CHECK(all.find("balcony", juliet, start) == false);
    }
}

TEST_CASE("a server that shows rosters says who is a contact") {
    admissions all;
    const std::string owner = "romeo@montague.example";
    const auto question = all.ask_server("id", owner, "balcony", juliet, start);
    REQUIRE(question);
    CHECK(question->attr("to") == owner);
    CHECK(question->child("query", xmpp::ns::roster) != nullptr);
    auto shown = xmpp::make_result(*question);
    auto& query = shown.add(xmpp::element("query", std::string(xmpp::ns::roster)));
    query.add(xmpp::element("item", std::string(xmpp::ns::roster))).set("jid", juliet).set("subscription", "from");
    shown.set("from", romeo);
    CHECK_FALSE(all.receive(shown, start));
    CHECK_FALSE(all.receive(answer(*question, "true"), start));
    shown.set("from", owner);
    CHECK(all.receive(shown, start));
    CHECK(all.find("balcony", juliet, start + 59s) == true);
}

TEST_CASE("a server's refusal leaves it open, for somebody else to say") {
    admissions all;
    const auto question = all.ask_server("id", "romeo@montague.example", "balcony", juliet, start);
    CHECK(all.receive(xmpp::make_error(*question, xmpp::condition::forbidden), start));
    CHECK_FALSE(all.is_open("id"));
    CHECK_FALSE(all.find("balcony", juliet, start));
}

TEST_CASE("servers that show rosters are so many, until the stream ends") {
    roster_grants all;
    CHECK(all.take({"montague.example", true}));
    CHECK_FALSE(all.take({"montague.example", true}));
    CHECK(all.may_read("romeo@montague.example"));
    CHECK_FALSE(all.may_read("juliet@capulet.example"));
    CHECK_FALSE(all.may_read("romeo@sub.montague.example"));
    for (std::size_t at = 1; at < roster_grants::most; ++at) CHECK(all.take({std::to_string(at) + ".example", true}));
    CHECK_FALSE(all.take({"capulet.example", true}));
    CHECK(all.take({"1.example", false}));
    CHECK_FALSE(all.take({"1.example", false}));
    CHECK(all.take({"capulet.example", true}));
    all.forget();
    CHECK_FALSE(all.may_read("romeo@montague.example"));
}

TEST_CASE("an owner is asked once a day about each visitor, and by so many") {
    access_requests all;
    using outcome = access_requests::outcome;
    const access_request wanted{"ABCD-2345", "balcony", "romeo@montague.example", juliet, {}};
    CHECK(all.begin(wanted, start) == outcome::asked);
    CHECK(all.begin(wanted, start + 1h) == outcome::asked_before);
    CHECK_FALSE(all.take(juliet, "ABCD-2345", start));
    CHECK_FALSE(all.take(wanted.owner, "ABCD-9999", start));
    const auto taken = all.take(wanted.owner, " abcd2345", start);
    REQUIRE(taken);
    CHECK(taken->visitor == juliet);
    CHECK_FALSE(all.take(wanted.owner, "ABCD-2345", start));
    CHECK(all.begin(wanted, start + 1h) == outcome::asked_before);
    CHECK(all.begin(wanted, start + 24h) == outcome::asked);
    CHECK_FALSE(all.take(wanted.owner, "ABCD-2345", start + 48h));
    all.expire(start + 48h);
    auto crowd = wanted;
    for (std::size_t at = 0; at < access_requests::most_of_owner; ++at) {
        crowd.visitor = std::to_string(at) + "@crowd.example";
        CHECK(all.begin(crowd, start + 48h) == outcome::asked);
    }
    crowd.visitor = "one-more@crowd.example";
    CHECK(all.begin(crowd, start + 48h) == outcome::too_many);
    crowd.owner = juliet;
    CHECK(all.begin(crowd, start + 48h) == outcome::asked);
}

}  // namespace crosstalk::gateway
