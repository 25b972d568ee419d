// What the operator does at the desk.
#include "desk_stage.hpp"

namespace crosstalk::gateway {

using namespace test;

namespace {

struct office : desk_stage {
    office() {
        CHECK(error_of(give("orchard", romeo)).empty());
        CHECK(error_of(give("www", juliet)).empty());
    }
    xmpp::element give(const std::string& name, const std::string& owner) {
        return submit(escalus, "give-site", {field("name", {name}), field("owner", {owner})});
    }
    xmpp::element named(const std::string& node, const std::string& name) { return submit(escalus, node, {field("name", {name})}); }
    xmpp::element whom(const std::string& node, const std::string& who) { return submit(escalus, node, {field("who", {who})}); }
    xmpp::element rule(const std::string& who, const std::string& key, const std::string& value) {
        return submit(escalus, "rules", {field("who", {who}), field("rule", {key}), field("value", {value})});
    }
    xmpp::element announce(std::vector<xmpp::form_field> fields) {
        return submit(escalus, "http://jabber.org/protocol/admin#announce", std::move(fields));
    }
};

}  // namespace

TEST_CASE("all sites are listed, or those that have a text in name or owner") {
    office o;
    CHECK(column(form_in(o.submit(escalus, "list-sites", {})), 0) == names{"fixed", "orchard", "www"});
    CHECK(column(form_in(o.submit(escalus, "list-sites", {field("filter", {"Capulet"})})), 0) == names{"fixed", "www"});
    const auto none = o.submit(escalus, "list-sites", {field("filter", {"verona"})});
    CHECK(note_of(none) == "0 sites.");
    CHECK(command_of(none).child("x", xmpp::ns::data_form) == nullptr);
}

TEST_CASE("of very many sites a hundred are listed, and how many more there are is told") {
    office o;
    std::vector<site> many;
    for (int i = 0; i < 130; ++i) many.push_back({"site" + std::to_string(i), juliet, true});
    o.book.configure(many, {});
    const auto told = o.submit(escalus, "list-sites", {field("filter", {"site"})});
    CHECK(form_in(told).rows.size() == 100);
    CHECK(command_of(told).to_xml().find("30 sites more") != std::string::npos);
}

TEST_CASE("one site is shown with all that is known of it") {
    office o;
    { auto one = o.flows.begin("orchard"); }
    const auto form = form_in(o.named("show-site", "Orchard"));
    CHECK(form.value("owner") == romeo);
    CHECK(form.value("url") == "https://orchard.http.montague.example/");
    CHECK(form.value("state") == "registered");
    CHECK(form.value("requests") == "1");
    CHECK(form_in(o.named("show-site", "fixed")).value("state") == "fixed");
    CHECK(error_of(o.named("show-site", "tomb")) == "item-not-found");
}

TEST_CASE("a site is suspended and resumed, removed and given anew") {
    office o;
    CHECK(error_of(o.named("suspend", "orchard")).empty());
    CHECK(o.book.sites().find("orchard")->suspended);
    CHECK(form_in(o.named("show-site", "orchard")).value("state") == "suspended");
    CHECK(error_of(o.named("resume", "orchard")).empty());
    CHECK_FALSE(o.book.sites().find("orchard")->suspended);
    CHECK(error_of(o.give("orchard", juliet)) == "conflict");
    CHECK(error_of(o.named("remove-site", "orchard")).empty());
    CHECK(error_of(o.give("orchard", juliet)).empty());
    CHECK(o.book.sites().find("orchard")->owner == juliet);
    for (const auto* node : {"suspend", "resume", "remove-site"}) CHECK(error_of(o.named(node, "tomb")) == "item-not-found");
    CHECK(error_of(o.named("suspend", "fixed")) == "not-allowed");
    for (const auto* owner : {"montague.example", "romeo@montague.example/balcony", "", "@"})
        CHECK(error_of(o.give("tomb", owner)) == "bad-request bad-payload");
    CHECK(error_of(o.give("two words", romeo)) == "not-acceptable");
}

TEST_CASE("a JID or a whole domain is banned, and banned no more") {
    office o;
    CHECK(error_of(o.whom("ban", "Capulet.example")).empty());
    CHECK(o.book.rules().is_banned(tybalt));
    CHECK(form_in(o.named("show-site", "www")).value("state") == "owner banned");
    CHECK(note_of(o.whom("unban", tybalt)).find("still banned") != std::string::npos);
    CHECK(note_of(o.whom("unban", "capulet.example")) == "capulet.example is banned no more.");
    CHECK_FALSE(o.book.rules().is_banned(tybalt));
    CHECK(error_of(o.whom("ban", "no jid")) == "bad-request bad-payload");
    CHECK(error_of(o.whom("ban", "")) == "bad-request bad-payload");
}

TEST_CASE("rules are set, shown and taken back") {
    office o;
    CHECK(note_of(o.rule("", "", "")) == "0 rules.");
    CHECK(note_of(o.rule(tybalt, "names", "3")) == "1 rule for " + tybalt + '.');
    CHECK(o.book.rules().find(tybalt, policy_key::names) == 3);
    CHECK(error_of(o.rule("*", "registers", "1")).empty());
    CHECK(form_in(o.rule("", "", "")).rows.size() == 2);
    CHECK(form_in(o.rule("*", "", "")).rows.size() == 1);
    CHECK(error_of(o.rule(tybalt, "names", "")).empty());
    CHECK_FALSE(o.book.rules().find(tybalt, policy_key::names));
    CHECK(error_of(o.rule(tybalt, "names", "-1")) == "bad-request bad-payload");
    CHECK(error_of(o.rule(tybalt, "names", "many")) == "bad-request bad-payload");
    CHECK(error_of(o.rule(tybalt, "names", "99999999999999999999")) == "bad-request bad-payload");
    CHECK(error_of(o.rule(tybalt, "banned", "2")) == "bad-request bad-payload");
    CHECK(error_of(o.rule(tybalt, "height", "2")) == "bad-request bad-payload");
    CHECK(error_of(o.rule("", "names", "2")) == "bad-request bad-payload");
    CHECK(error_of(o.rule("a b", "names", "2")) == "bad-request bad-payload");
}

TEST_CASE("a limit that a domain shares is for no single JID") {
    office o;
    const auto domain = tybalt.substr(tybalt.find('@') + 1);
    CHECK(error_of(o.rule(tybalt, "domain_names", "3")) == "bad-request bad-payload");
    CHECK(error_of(o.rule(tybalt, "domain_rate", "")) == "bad-request bad-payload");
    CHECK(note_of(o.rule("", "", "")) == "0 rules.");
    CHECK(error_of(o.rule(domain, "domain_names", "3")).empty());
    CHECK(error_of(o.rule("*", "domain_names", "5")).empty());
    CHECK(o.book.rules().find(domain, policy_key::domain_names) == 3);
    CHECK(o.book.rules().find("verona.example", policy_key::domain_names) == 5);
}

TEST_CASE("who is online is told, a hundred of them") {
    office o;
    CHECK(note_of(o.begin(escalus, "online")) == "0 resources are online.");
    o.online.push_back({romeo + "/site", "CrossTalk", true, 4});
    const auto form = form_in(o.begin(escalus, "online"));
    CHECK(column(form, 0) == names{romeo + "/site"});
    CHECK(column(form, 2) == names{"yes"});
    CHECK(column(form, 3) == names{"4"});
    for (int i = 0; i < 150; ++i) o.online.push_back({juliet + "/" + std::to_string(i), "CrossTalk"});
    CHECK(form_in(o.begin(escalus, "online")).rows.size() == 100);
    CHECK(note_of(o.begin(escalus, "online")) == "151 resources are online.");
}

TEST_CASE("what is going on is told in numbers") {
    office o;
    auto open = o.flows.begin("orchard");
    open.carried(5, 70);
    const auto form = form_in(o.begin(escalus, "flows"));
    CHECK(form.value("requests") == "1");
    CHECK(form.value("bytes_out") == "70");
    CHECK(form.value("connections") == "7");
    CHECK(column(form, 0) == names{"orchard"});
    CHECK(column(form, 2) == names{"1"});
}

TEST_CASE("the configuration is read again, and a mistake in it is told") {
    office o;
    CHECK(note_of(o.begin(escalus, "reload")) == "The configuration is read.");
    o.is_readable = false;
    CHECK(error_of(o.begin(escalus, "reload")) == "not-acceptable");
}

TEST_CASE("owners who are online are told, or all of them") {
    office o;
    o.online = {{romeo + "/a", "CrossTalk"}, {romeo + "/b", "CrossTalk"}};
    CHECK(note_of(o.announce({field("FORM_TYPE", {"http://jabber.org/protocol/admin"}), field("subject", {"Tonight"}),
                              field("announcement", {"We restart.", "At ten."}), field("to", {"online"})})) == "On its way to 1 owner.");
    CHECK(o.told.text == "We restart.\nAt ten.");
    CHECK_FALSE(o.told.is_for_absent);
    CHECK(o.told_to == names{romeo});
    CHECK(note_of(o.announce({field("announcement", {"text"}), field("to", {"all"})})) == "On its way to 2 owners.");
    CHECK(o.told.is_for_absent);
    o.may_announce = false;
    CHECK(error_of(o.announce({field("announcement", {"text"})})) == "resource-constraint");
    o.online.clear();
    CHECK(note_of(o.announce({field("announcement", {"text"})})) == "Nobody is there to be told.");
    CHECK(error_of(o.announce({field("announcement", {" ", ""})})) == "bad-request bad-payload");
    CHECK(error_of(o.announce({})) == "bad-request bad-payload");
    CHECK(error_of(o.announce({field("announcement", {std::string(4097, 'x')})})) == "bad-request bad-payload");
}

}  // namespace crosstalk::gateway
