// Discovery, to XML and back.
#include "xmpp/disco.hpp"

#include <doctest/doctest.h>

#include "script.hpp"

using namespace crosstalk::xmpp;
using test::parse;

namespace {

disco_info gateway() {
    disco_info info;
    info.identities = {{"gateway", "http", "CrossTalk", ""},
                       {"gateway", "http",
                        "Br\xC3\xBC"
                        "cke",
                        "de"}};
    info.features = {"urn:crosstalk:1", "urn:xmpp:ping"};
    info.forms = {{{{"FORM_TYPE", "hidden", {"urn:x"}}, {"os", "", {"Linux", "<&>"}}}}};
    return info;
}

}  // namespace

TEST_CASE("what is written is read again") {
    const element query = to_element(gateway(), "node#1");
    CHECK(query.attr("node") == "node#1");
    CHECK(read_disco_info(parse(query.to_xml())) == gateway());
    CHECK(read_disco_info(parse(to_element(disco_info{}).to_xml())) == disco_info{});
}

TEST_CASE("features and identities are found") {
    CHECK(gateway().has("urn:crosstalk:1"));
    CHECK_FALSE(gateway().has("urn:crosstalk"));
    CHECK(gateway().is("gateway", "http"));
    CHECK_FALSE(gateway().is("gateway", "xmpp"));
    CHECK(gateway().forms[0].form_type() == "urn:x");
    CHECK(data_form{}.form_type() == "");
}

TEST_CASE("other elements are no discovery, and unknown children are passed over") {
    CHECK_FALSE(read_disco_info(parse("<query xmlns='jabber:iq:version'/>")).has_value());
    CHECK_FALSE(
        read_disco_items(parse("<query xmlns='http://jabber.org/protocol/disco#info'/>")).has_value());
    const auto info = read_disco_info(
        parse("<query xmlns='http://jabber.org/protocol/disco#info'><x xmlns='urn:x'/><feature/>"
              "<feature xmlns='urn:x' var='no'/><x xmlns='jabber:x:data'><title/></x></query>"));
    REQUIRE(info.has_value());
    CHECK(info->features == std::vector<std::string>{""});
    CHECK(info->forms.size() == 1);
}

TEST_CASE("items are written and read") {
    const std::vector<disco_item> items{{"a.example", "", "A"}, {"b.example", "n", ""}};
    const element query = to_element(items, "here");
    CHECK(query.to_xml() ==
          "<query xmlns='http://jabber.org/protocol/disco#items' node='here'><item jid='a.example' "
          "name='A'/>"
          "<item jid='b.example' node='n'/></query>");
    CHECK(read_disco_items(parse(query.to_xml())) == items);
}
