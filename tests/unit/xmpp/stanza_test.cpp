// Requests, answers and errors, written and read.
#include "xmpp/stanza.hpp"

#include <doctest/doctest.h>

#include "script.hpp"

using namespace crosstalk::xmpp;
using test::parse;

TEST_CASE("an answer goes where the request came from") {
    const element request = parse("<iq type='get' id='x1' from='a@b/c' to='d'><q xmlns='u'/></iq>");
    CHECK(make_result(request).to_xml() == "<iq type='result' id='x1' to='a@b/c' from='d'/>");
    CHECK(make_error(request, {condition::item_not_found, "no <such> node"}).to_xml() ==
          "<iq type='error' id='x1' to='a@b/c' from='d'><error type='cancel'>"
          "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
          "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no &lt;such&gt; node</text></error></iq>");
    CHECK(make_result(parse("<iq type='set' id='1'/>")).to_xml() == "<iq type='result' id='1'/>");
}

TEST_CASE("requests are made with what addresses there are") {
    CHECK(make_iq(iq_type::get, "1", "a@b").to_xml() == "<iq type='get' id='1' to='a@b'/>");
    CHECK(make_iq(iq_type::set, "2", "", "d").to_xml() == "<iq type='set' id='2' from='d'/>");
}

TEST_CASE("stanzas are told apart") {
    CHECK(is_request(parse("<iq type='get' id='1'/>")));
    CHECK(is_request(parse("<iq type='set' id='1'/>")));
    CHECK_FALSE(is_request(parse("<iq type='result' id='1'/>")));
    CHECK_FALSE(is_request(parse("<iq id='1'/>")));
    CHECK_FALSE(is_request(parse("<message type='get'/>")));
    CHECK(is_response(parse("<iq type='result'/>")));
    CHECK(is_response(parse("<iq type='error'/>")));
    CHECK_FALSE(is_response(parse("<iq type='set'/>")));
    CHECK(is_message(parse("<message/>")));
    CHECK(is_presence(parse("<presence/>")));
    CHECK_FALSE(is_presence(parse("<presence xmlns='urn:x'/>")));
    CHECK(is_delayed(parse("<iq><delay xmlns='urn:xmpp:delay'/></iq>")));
    CHECK_FALSE(is_delayed(parse("<iq/>")));
}

TEST_CASE("the payload of a request is its only child") {
    CHECK(payload_of(parse("<iq type='get'><a xmlns='u'/></iq>"))->is("a", "u"));
    CHECK(payload_of(parse("<iq type='get'/>")) == nullptr);
    CHECK(payload_of(parse("<iq type='get'><a/><b/></iq>")) == nullptr);
    CHECK(payload_of(parse("<iq type='result'><a/></iq>")) == nullptr);
}

TEST_CASE("every condition is read as it was written") {
    const element request = parse("<message id='1' from='a'/>");
    for (int i = 0; i <= static_cast<int>(condition::unexpected_request); ++i) {
        const auto c = static_cast<condition>(i);
        CAPTURE(to_string(c));
        const auto read = read_error(parse(make_error(request, {c, "why"}).to_xml()));
        REQUIRE(read.has_value());
        CHECK(read->what == c);
        CHECK(read->type == usual_type(c));
        CHECK(read->text == "why");
    }
    CHECK(to_string(condition::bad_request) == "bad-request");
    CHECK(to_string(condition::remote_server_timeout) == "remote-server-timeout");
    CHECK(to_string(condition::unexpected_request) == "unexpected-request");
    CHECK(to_string(error_type::continue_) == "continue");
}

TEST_CASE("an error is read however odd it is") {
    CHECK_FALSE(read_error(parse("<iq type='result'/>")).has_value());
    CHECK(read_error(parse("<iq type='error'/>"))->what == condition::undefined_condition);
    const auto odd = read_error(
        parse("<iq type='error'><q xmlns='u'/><error type='strange' by='s.example'><x xmlns='urn:x'/>"
              "<remote-server-timeout xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"));
    CHECK(odd->what == condition::remote_server_timeout);
    CHECK(odd->type == error_type::wait);
    CHECK(odd->by == "s.example");
    const auto typed =
        read_error(parse("<iq type='error'><error type='modify'><new-one "
                         "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"));
    CHECK(typed->what == condition::undefined_condition);
    CHECK(typed->type == error_type::modify);
}

TEST_CASE("who refuses is written when it is known") {
    stanza_error error(condition::forbidden);
    error.by = "http.example.org";
    CHECK(error_element(error).to_xml() ==
          "<error type='auth' by='http.example.org'><forbidden "
          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
}
