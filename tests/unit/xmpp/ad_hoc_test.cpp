// Commands as a client sends them, and as it is answered.
#include "xmpp/ad_hoc.hpp"

#include <doctest/doctest.h>

#include "script.hpp"

using namespace crosstalk::xmpp;
using test::parse;

namespace {

element asked(const std::string& attributes, const std::string& inside = "") {
    return parse("<iq xmlns='jabber:client' type='set' id='1' from='romeo@montague.example/balcony' to='http.montague.example'>"
                 "<command xmlns='http://jabber.org/protocol/commands' " + attributes + ">" + inside + "</command></iq>");
}

command_request read(const element& stanza) { return std::get<command_request>(read_command(stanza)); }
command_error wrong(const element& stanza) { return std::get<command_error>(read_command(stanza)); }

const std::string submitted = "<x xmlns='jabber:x:data' type='submit'><field var='name'><value>orchard</value></field></x>";

}  // namespace

TEST_CASE("a command is an iq of type set with one child") {
    CHECK(is_command(asked("node='n'")));
    CHECK_FALSE(is_command(parse("<iq xmlns='jabber:client' type='get'><command xmlns='http://jabber.org/protocol/commands'/></iq>")));
    CHECK_FALSE(is_command(parse("<iq xmlns='jabber:client' type='result'><command xmlns='http://jabber.org/protocol/commands'/></iq>")));
    CHECK_FALSE(is_command(parse("<iq xmlns='jabber:client' type='set'><command xmlns='urn:other'/></iq>")));
    CHECK_FALSE(is_command(parse("<message xmlns='jabber:client' type='set'><command xmlns='http://jabber.org/protocol/commands'/></message>")));
}

TEST_CASE("what a client asks for is read") {
    const auto first = read(asked("node='urn:x#y'"));
    CHECK(first.node == "urn:x#y");
    CHECK(first.session.empty());
    CHECK(first.action == command_action::execute);
    CHECK_FALSE(first.form);
    const auto next = read(asked("node='n' sessionid='s' action='next'", submitted));
    CHECK(next.session == "s");
    CHECK(next.action == command_action::next);
    REQUIRE(next.form);
    CHECK(next.form->value("name") == "orchard");
}

TEST_CASE("a form that is canceled cancels the command") {
    CHECK(read(asked("node='n' sessionid='s'", "<x xmlns='jabber:x:data' type='cancel'/>")).action == command_action::cancel);
    CHECK(read(asked("node='n' sessionid='s' action='cancel'")).action == command_action::cancel);
}

TEST_CASE("what is no command is told by its fault") {
    CHECK(wrong(asked("")).error.what == condition::bad_request);
    CHECK_FALSE(wrong(asked("")).fault);
    CHECK(wrong(asked("node='n' action='run'")).fault == command_fault::malformed_action);
    CHECK(wrong(asked("node='n'", "<x xmlns='jabber:x:data' type='form'/>")).fault == command_fault::bad_payload);
    CHECK(wrong(asked("node='n' sessionid='" + std::string(257, 's') + "'")).fault == command_fault::bad_sessionid);
    CHECK(wrong(asked("node='" + std::string(257, 'n') + "'")).error.what == condition::item_not_found);
}

TEST_CASE("an answer has the session, the actions in order, the form and the notes") {
    command_reply reply;
    reply.status = command_reply::state::executing;
    reply.actions = {command_action::next, command_action::prev};
    reply.form = data_form{};
    reply.notes = {{command_note::kind::warn, "mind"}};
    const auto result = parse(make_command_result(asked("node='n'"), "s1", reply).to_xml());
    CHECK(result.attr("type") == "result");
    CHECK(result.attr("to") == "romeo@montague.example/balcony");
    const auto* command = result.child("command", ns::commands);
    REQUIRE(command != nullptr);
    CHECK(command->attr("sessionid") == "s1");
    CHECK(command->attr("status") == "executing");
    const auto* actions = command->child("actions", ns::commands);
    REQUIRE(actions != nullptr);
    CHECK(actions->attr("execute") == "next");
    REQUIRE(actions->children().size() == 2);
    CHECK(actions->children()[0].name() == "prev");
    CHECK(command->child("x", ns::data_form) != nullptr);
    REQUIRE(command->child("note", ns::commands) != nullptr);
    CHECK(command->child("note", ns::commands)->attr("type") == "warn");
    CHECK(command->child("note", ns::commands)->text() == "mind");
}

TEST_CASE("an error says both what RFC 6120 and what XEP-0050 call it") {
    const auto error = make_command_error(asked("node='n'"), command_error(command_fault::session_expired, "too late"));
    CHECK(error.attr("type") == "error");
    CHECK(read_error(error)->what == condition::not_allowed);
    CHECK(read_error(error)->text == "too late");
    CHECK(error.child("error", ns::client)->child("session-expired", ns::commands) != nullptr);
    const auto plain = make_command_error(asked("node='n'"), command_error({condition::forbidden, "no"}));
    CHECK(plain.child("error", ns::client)->children().size() == 2);
}

TEST_CASE("a table in a form is written and read again") {
    data_form form;
    form.columns = {{"name", "text-single", {}, "Name"}, {"owner", "jid-single", {}, "Owner"}};
    form.rows = {{{"name", "", {"a"}}, {"owner", "", {"b@c"}}}, {{"name", "", {"d"}}, {"owner", "", {"e@f"}}}};
    const auto x = to_element(form);
    CHECK(read_form(parse(x.to_xml())) == form);
    REQUIRE(x.child("reported", ns::data_form) != nullptr);
    CHECK(x.child("reported", ns::data_form)->children().size() == 2);
}

TEST_CASE("all values of a field are given, and none of one that is not there") {
    data_form form;
    form.fields = {{"guests", "jid-multi", {"a@b", "c.example"}}};
    CHECK(form.values("guests") == std::vector<std::string>{"a@b", "c.example"});
    CHECK(form.values("other").empty());
}
