// The desk, and what owners do at it.
#include "desk_stage.hpp"

namespace crosstalk::gateway {

using namespace test;

namespace {

xmpp::element look(const desk_stage& s, const std::string& who, std::string_view ns, std::string_view node) {
    auto iq = xmpp::make_iq(xmpp::iq_type::get, "d1", domain, who + "/chat");
    iq.add(xmpp::element("query", std::string(ns))).set("node", std::string(node));
    auto answer = s.desk.describe(iq, domain);
    REQUIRE(answer);
    return *answer;
}

names listed(const desk_stage& s, const std::string& who) {
    const auto answer = look(s, who, xmpp::ns::disco_items, xmpp::ns::commands);
    const auto items = xmpp::read_disco_items(*answer.child("query", xmpp::ns::disco_items));
    REQUIRE(items);
    names nodes;
    for (const auto& item : *items) {
        CHECK(item.jid == domain);
        nodes.push_back(item.node);
    }
    return nodes;
}

/// Two sites of Romeo's.
struct two_sites : desk_stage {
    two_sites() {
        CHECK(error_of(submit(romeo, "register", {field("name", {"Orchard"})})).empty());
        CHECK(error_of(submit(romeo, "register", {field("name", {"lute"}), field("visibility", {"listed"})})).empty());
    }
    const site& the(const char* name) { return *book.sites().find(name); }
};

}  // namespace

TEST_CASE("everybody sees the commands that are for them, and no others") {
    desk_stage s;
    const names of_owner{ours + "sites", ours + "edit", ours + "admit", ours + "dismiss",
                         ours + "remove", ours + "host", ours + "unhost"};
    names of_romeo = of_owner;
    of_romeo.insert(of_romeo.begin(), ours + "register");
    CHECK(listed(s, romeo) == of_romeo);
    CHECK(listed(s, juliet) == of_owner);
    CHECK(listed(s, tybalt).empty());
    const auto of_operator = listed(s, escalus);
    CHECK(of_operator.size() == 13);
    CHECK(std::ranges::find(of_operator, ours + "sites") == of_operator.end());
    CHECK(net::test::run(s.io, s.book.rule(romeo, policy_key::banned, 1)) == std::nullopt);
    CHECK(listed(s, romeo).empty());
}

TEST_CASE("a command is described to those who may run it") {
    desk_stage s;
    const auto told = xmpp::read_disco_info(*look(s, romeo, xmpp::ns::disco_info, ours + "register").child("query", xmpp::ns::disco_info));
    REQUIRE(told);
    CHECK(told->is("automation", "command-node"));
    CHECK(told->has(xmpp::ns::commands));
    CHECK(told->has(xmpp::ns::data_form));
    CHECK(error_of(look(s, tybalt, xmpp::ns::disco_info, ours + "register")) == "forbidden");
    CHECK(error_of(look(s, romeo, xmpp::ns::disco_info, ours + "ban")) == "forbidden");
    CHECK(look(s, romeo, xmpp::ns::disco_items, ours + "register").child("query", xmpp::ns::disco_items)->children().empty());
    CHECK(xmpp::read_disco_info(*look(s, tybalt, xmpp::ns::disco_info, xmpp::ns::commands).child("query", xmpp::ns::disco_info))
              ->is("automation", "command-list"));
}

TEST_CASE("other nodes and requests are not the desk's") {
    desk_stage s;
    auto iq = xmpp::make_iq(xmpp::iq_type::get, "d1", domain, romeo);
    iq.add(xmpp::element("query", std::string(xmpp::ns::disco_info)));
    CHECK_FALSE(s.desk.describe(iq, domain));
    auto set = xmpp::make_iq(xmpp::iq_type::set, "d1", domain, romeo);
    set.add(xmpp::element("query", std::string(xmpp::ns::disco_info))).set("node", ours + "register");
    CHECK_FALSE(s.desk.describe(set, domain));
}

TEST_CASE("whoever may not run a command is told, at every step") {
    desk_stage s;
    CHECK(error_of(s.begin(tybalt, "register")) == "forbidden");
    CHECK(error_of(s.submit(tybalt, "register", {field("name", {"sword"})})) == "forbidden");
    CHECK(error_of(s.begin(romeo, "list-sites")) == "forbidden");
    CHECK(error_of(s.submit(romeo, "ban", {field("who", {juliet})})) == "forbidden");
    CHECK(error_of(s.begin(escalus + ".evil.example", "flows")) == "forbidden");
    CHECK(error_of(s.begin("Escalus@verona.example", "flows")) == "forbidden");
    CHECK(error_of(s.begin(romeo, "unheard-of")) == "item-not-found");
}

TEST_CASE("a name is registered by its form") {
    desk_stage s;
    const auto asked = s.begin(romeo, "register");
    CHECK(status_of(asked) == "executing");
    CHECK(command_of(asked).attr("sessionid") == "fresh");
    CHECK(command_of(asked).child("actions", xmpp::ns::commands)->attr("execute") == "complete");
    CHECK(form_in(asked).form_type() == ours + "register");
    const auto done = s.submit(romeo, "register", {field("FORM_TYPE", {ours + "register"}), field("name", {" Orchard "}), field("visibility", {"roster"})});
    CHECK(status_of(done) == "completed");
    CHECK(command_of(done).attr("sessionid") == "s");
    CHECK(form_in(done).value("url") == "https://orchard.http.montague.example/");
    REQUIRE(s.book.sites().find("orchard") != nullptr);
    CHECK(s.book.sites().find("orchard")->seen_by == visibility::roster);
    CHECK(error_of(s.submit(romeo, "register", {field("name", {"fixed"})})) == "conflict");
    CHECK(error_of(s.submit(romeo, "register", {field("name", {"www"})})) == "not-acceptable");
    CHECK(error_of(s.submit(romeo, "register", {field("name", {"a"}), field("visibility", {"nobody"})})) == "bad-request bad-payload");
    CHECK(error_of(s.submit(romeo, "register", {})) == "not-acceptable");
}

TEST_CASE("one's own sites are listed, and nobody else's") {
    two_sites s;
    const auto form = form_in(s.begin(romeo, "sites"));
    CHECK(form.columns.size() == 5);
    CHECK(column(form, 0) == names{"lute", "orchard"});
    CHECK(column(form, 2) == names{"listed", "public"});
    CHECK(column(form_in(s.begin(juliet, "sites")), 0) == names{"fixed"});
}

TEST_CASE("a site is chosen, then changed") {
    two_sites s;
    const auto chosen = s.begin(romeo, "edit");
    CHECK(command_of(chosen).child("actions", xmpp::ns::commands)->attr("execute") == "next");
    CHECK(form_in(chosen).fields.at(1).options.size() == 2);
    const auto shown = s.submit(romeo, "edit", {field("name", {"lute"})}, "next");
    CHECK(status_of(shown) == "executing");
    CHECK(command_of(shown).child("actions", xmpp::ns::commands)->attr("execute") == "complete");
    CHECK(form_in(shown).value("name") == "lute");
    CHECK(form_in(shown).value("visibility") == "listed");
    const auto done = s.submit(romeo, "edit", {field("name", {"lute"}), field("visibility", {"roster"}),
                                               field("guests", {"Juliet@capulet.example", "verona.example\n" + romeo})});
    CHECK(status_of(done) == "completed");
    CHECK(s.the("lute").seen_by == visibility::roster);
    CHECK(s.the("lute").guests == names{juliet, romeo, "verona.example"});
    CHECK(error_of(s.submit(romeo, "edit", {field("name", {"lute"}), field("visibility", {"public"})})).empty());
    CHECK(s.the("lute").guests.size() == 3);
    CHECK(error_of(s.submit(romeo, "edit", {field("name", {"lute"}), field("visibility", {"public"}), field("guests", {})})).empty());
    CHECK(s.the("lute").guests.empty());
}

TEST_CASE("only what is one's own is changed") {
    two_sites s;
    CHECK(error_of(s.submit(juliet, "edit", {field("name", {"lute"})}, "next")) == "item-not-found");
    CHECK(error_of(s.submit(juliet, "edit", {field("name", {"lute"}), field("visibility", {"public"})})) == "item-not-found");
    CHECK(error_of(s.submit(juliet, "edit", {field("name", {"fixed"}), field("visibility", {"listed"})})) == "not-allowed");
    CHECK(error_of(s.submit(juliet, "remove", {field("name", {"lute"})})) == "item-not-found");
    CHECK(error_of(s.submit(juliet, "admit", {field("name", {"lute"}), field("who", {juliet})})) == "item-not-found");
    CHECK(error_of(s.begin(juliet, "edit")) == "item-not-found");
    CHECK(s.the("lute").guests.empty());
}

TEST_CASE("guests come and go by their own commands") {
    two_sites s;
    const auto in = s.submit(romeo, "admit", {field("name", {"lute"}), field("who", {"o\\27neill@montague.example"})});
    CHECK(note_of(in) == "o'neill@montague.example may see lute.");
    CHECK(s.the("lute").guests == names{"o\\27neill@montague.example"});
    CHECK(note_of(s.submit(romeo, "admit", {field("name", {"orchard"}), field("who", {juliet, tybalt})})).find("Everybody") != std::string::npos);
    CHECK(error_of(s.submit(romeo, "dismiss", {field("name", {"lute"}), field("who", {"o\\27neill@montague.example"})})).empty());
    CHECK(s.the("lute").guests.empty());
    for (const auto* typed : {"romeo@montague.example/balcony", "two@at@signs", "o'neill@montague.example", "@montague.example"})
        CHECK(error_of(s.submit(romeo, "admit", {field("name", {"lute"}), field("who", {typed})})) == "bad-request bad-payload");
    CHECK(error_of(s.submit(romeo, "admit", {field("name", {"lute"}), field("who", {" "})})) == "bad-request bad-payload");
    CHECK(error_of(s.submit(romeo, "admit", {field("name", {"lute"})})) == "bad-request bad-payload");
}

TEST_CASE("a site with too many guests is changed without showing them") {
    two_sites s;
    names crowd;
    for (int i = 0; i < 201; ++i) crowd.push_back("guest" + std::to_string(i) + "@montague.example");
    CHECK(error_of(s.submit(romeo, "admit", {field("name", {"lute"}), field("who", crowd)})).empty());
    CHECK_FALSE(form_in(s.submit(romeo, "edit", {field("name", {"lute"})}, "next")).has("guests"));
    CHECK(error_of(s.submit(romeo, "edit", {field("name", {"lute"}), field("visibility", {"roster"})})).empty());
    CHECK(s.the("lute").guests.size() == 201);
}

TEST_CASE("one name is given back, the other stays") {
    two_sites s;
    CHECK(status_of(s.submit(romeo, "remove", {field("name", {"lute"})})) == "completed");
    CHECK(s.book.names_of(romeo) == names{"orchard"});
}

TEST_CASE("actions that do not fit are told by their fault") {
    two_sites s;
    const auto node = ours + "edit";
    xmpp::data_form form;
    form.type = "submit";
    form.fields = {field("name", {"lute"})};
    CHECK(error_of(s.run(romeo, node, "prev", "s", form)) == "bad-request bad-action");
    CHECK(error_of(s.run(romeo, node, "complete", "s", form)) == "bad-request bad-action");
    CHECK(error_of(s.run(romeo, node, "next", "s")) == "bad-request bad-payload");
    CHECK(error_of(s.run(romeo, node, "next")) == "bad-request bad-sessionid");
    CHECK(error_of(s.run(romeo, node, "next", "", form)) == "bad-request bad-sessionid");
    CHECK(error_of(s.run(romeo, node, "dance", "s", form)) == "bad-request malformed-action");
    CHECK(status_of(s.run(romeo, node, "execute", "s", form)) == "executing");
    CHECK(status_of(s.run(romeo, node, "", "", form)) == "executing");
    form.fields.push_back(field("visibility", {"roster"}));
    CHECK(error_of(s.run(romeo, node, "next", "s", form)) == "bad-request bad-action");
    form.fields.insert(form.fields.begin(), field("FORM_TYPE", {"urn:other"}));
    CHECK(error_of(s.run(romeo, node, "complete", "s", form)) == "bad-request bad-payload");
    CHECK(s.the("lute").seen_by == visibility::listed);
}

TEST_CASE("what is canceled changes nothing") {
    two_sites s;
    CHECK(status_of(s.run(romeo, ours + "remove", "cancel", "s")) == "canceled");
    xmpp::data_form form;
    form.type = "cancel";
    CHECK(status_of(s.run(romeo, ours + "remove", "", "s", form)) == "canceled");
    CHECK(s.book.names_of(romeo).size() == 2);
}

TEST_CASE("changes are paced, looking is not") {
    two_sites s;
    s.now += s.pause;
    s.pause = base::milliseconds(0);
    std::size_t put_off = 0;
    for (int i = 0; i < 30; ++i)
        put_off += error_of(s.submit(romeo, "register", {field("name", {"www"})})) == "resource-constraint" ? 1 : 0;
    CHECK(put_off == 20);
    CHECK(error_of(s.begin(romeo, "sites")).empty());
    CHECK(error_of(s.submit(romeo, "edit", {field("name", {"lute"})}, "next")).empty());
    CHECK(error_of(s.begin(juliet, "sites")).empty());
}

}  // namespace crosstalk::gateway
