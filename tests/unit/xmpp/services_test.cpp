// The small services every entity owes.
#include "xmpp/services.hpp"

#include <doctest/doctest.h>

#include "script.hpp"
#include "xmpp/caps.hpp"
#include "xmpp/stanza.hpp"

using namespace crosstalk::xmpp;
using test::parse;

namespace {

self_description self() {
    self_description d;
    d.version = "0.1.0";
    d.disco.identities = {{"automation", "http", "CrossTalk", ""}};
    d.disco.features = service_features();
    d.disco.features.push_back("urn:crosstalk:1");
    d.caps_node = "https://example.org/crosstalk";
    return d;
}

std::optional<element> ask(const std::string& payload, const std::string& type = "get") {
    const moment when{std::chrono::system_clock::from_time_t(1'159'977'600), std::chrono::seconds(123)};
    return answer(parse("<iq type='" + type + "' id='1' from='a@b/c' to='d'>" + payload + "</iq>"),
                  self(), when);
}

std::string query(const std::string& ns, const std::string& node = {}) {
    return "<query xmlns='" + ns + "'" + (node.empty() ? "" : " node='" + node + "'") + "/>";
}

condition refusal_of(const std::optional<element>& reply) {
    REQUIRE(reply.has_value());
    CHECK(reply->attr("to") == "a@b/c");
    CHECK(reply->attr("id") == "1");
    const auto error = read_error(*reply);
    REQUIRE(error.has_value());
    return error->what;
}

}  // namespace

TEST_CASE("discovery tells what we are, also for our caps node") {
    const std::string ns(ns::disco_info);
    const auto plain = ask(query(ns));
    REQUIRE(plain.has_value());
    CHECK(plain->attr("type") == "result");
    CHECK(plain->attr("from") == "d");
    CHECK(read_disco_info(plain->children().front()) == self().disco);

    const std::string node = "https://example.org/crosstalk#" + caps_ver(self().disco);
    const auto by_caps = ask(query(ns, node));
    CHECK(by_caps->children().front().attr("node") == node);
    CHECK(read_disco_info(by_caps->children().front()) == self().disco);

    CHECK(refusal_of(ask(query(ns, "https://example.org/crosstalk#old"))) == condition::item_not_found);
    CHECK(refusal_of(ask(query(ns, "#" + caps_ver(self().disco)))) == condition::item_not_found);
}

TEST_CASE("there are no items, and no nodes of items") {
    const auto reply = ask(query(std::string(ns::disco_items)));
    CHECK(read_disco_items(reply->children().front())->empty());
    CHECK(refusal_of(ask(query(std::string(ns::disco_items), "x"))) == condition::item_not_found);
}

TEST_CASE("ping, version, time and last activity are answered") {
    CHECK(ask("<ping xmlns='urn:xmpp:ping'/>")->to_xml() ==
          "<iq type='result' id='1' to='a@b/c' from='d'/>");
    CHECK(ask(query("jabber:iq:version"))->children().front().to_xml() ==
          "<query xmlns='jabber:iq:version'><name>CrossTalk</name><version>0.1.0</version></query>");
    CHECK(ask("<time xmlns='urn:xmpp:time'/>")->children().front().to_xml() ==
          "<time xmlns='urn:xmpp:time'><tzo>+00:00</tzo><utc>2006-10-04T16:00:00Z</utc></time>");
    CHECK(ask(query("jabber:iq:last"))->children().front().to_xml() ==
          "<query xmlns='jabber:iq:last' seconds='123'/>");
}

TEST_CASE("every other request is refused with what fits") {
    CHECK(refusal_of(ask(query("jabber:iq:unknown"))) == condition::service_unavailable);
    CHECK(refusal_of(ask("<ping xmlns='urn:other'/>")) == condition::service_unavailable);
    CHECK(refusal_of(ask(query("jabber:iq:version"), "set")) == condition::feature_not_implemented);
    CHECK(refusal_of(ask("<a xmlns='u'/>", "set")) == condition::service_unavailable);
    CHECK(refusal_of(ask("")) == condition::bad_request);
    CHECK(refusal_of(ask("<ping xmlns='urn:xmpp:ping'/><b/>")) == condition::bad_request);
    CHECK(refusal_of(ask("<ping xmlns='urn:xmpp:ping'/>", "odd")) == condition::bad_request);
}

TEST_CASE("what is owed no answer gets none") {
    CHECK_FALSE(ask("<ping xmlns='urn:xmpp:ping'/>", "result").has_value());
    CHECK_FALSE(ask("", "error").has_value());
    CHECK_FALSE(answer(parse("<message from='a'/>"), self(), {}).has_value());
    CHECK_FALSE(answer(parse("<presence type='probe'/>"), self(), {}).has_value());
}

TEST_CASE("each service is announced") {
    CHECK(service_features().size() == 6);
    for (const std::string& feature : service_features()) {
        const std::string name = feature == ns::ping ? "ping" : feature == ns::time ? "time" : "query";
        const auto reply = ask("<" + name + " xmlns='" + feature + "'/>");
        REQUIRE(reply.has_value());
        CHECK(reply->attr("type") == "result");
    }
}
