// Capability hashes by the examples of XEP-0115, and hashes that must not be believed.
#include "xmpp/caps.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "script.hpp"

using namespace crosstalk::xmpp;

namespace {

disco_info simple() {
    disco_info info;
    info.identities = {{"client", "pc", "Exodus 0.9.1", ""}};
    info.features = {"http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items",
                     "http://jabber.org/protocol/muc", "http://jabber.org/protocol/caps"};
    return info;
}

disco_info with_form() {
    disco_info info;
    info.identities = {{"client", "pc", "Psi 0.11", "en"}, {"client", "pc", "\xCE\xA8 0.11", "el"}};
    info.features = simple().features;
    info.forms = {{{{"ip_version", "", {"ipv6", "ipv4"}},
                    {"os", "", {"Mac"}},
                    {"FORM_TYPE", "hidden", {"urn:xmpp:dataforms:softwareinfo"}},
                    {"os_version", "", {"10.5.1"}},
                    {"software", "", {"Psi"}},
                    {"software_version", "", {"0.11"}}}}};
    return info;
}

bool believed(const disco_info& info) { return verify(make_caps("n", info), info); }

}  // namespace

TEST_CASE("the examples of XEP-0115") {
    CHECK(caps_ver(simple()) == "QgayPKawpkPSDYmwT/WM94uAlu0=");
    CHECK(caps_ver(with_form()) == "q07IKJEyjvHSyhy//CH0CxmKi8w=");
}

TEST_CASE("the order of identities, features and values does not matter") {
    disco_info turned = with_form();
    std::ranges::reverse(turned.identities);
    std::ranges::reverse(turned.features);
    std::ranges::reverse(turned.forms[0].fields);
    for (form_field& f : turned.forms[0].fields) std::ranges::reverse(f.values);
    CHECK(caps_ver(turned) == caps_ver(with_form()));
}

TEST_CASE("a hash is believed when it fits, and only sha-1") {
    CHECK(believed(with_form()));
    CHECK(verify({"n", "QgayPKawpkPSDYmwT/WM94uAlu0=", "sha-1"}, simple()));
    CHECK_FALSE(verify({"n", "QgayPKawpkPSDYmwT/WM94uAlu0=", "sha-256"}, simple()));
    CHECK_FALSE(verify({"n", "QgayPKawpkPSDYmwT/WM94uAlu0=", ""}, simple()));
    CHECK_FALSE(verify({"n", "QgayPKawpkPSDYmwT/WM94uAlu0=", "sha-1"}, with_form()));
}

TEST_CASE("answers that could be taken for others are not believed") {
    disco_info twice = simple();
    twice.features.push_back(twice.features[0]);
    CHECK_FALSE(believed(twice));

    disco_info same_identity = simple();
    same_identity.identities.push_back(same_identity.identities[0]);
    CHECK_FALSE(believed(same_identity));

    disco_info two_forms = with_form();
    two_forms.forms.push_back(two_forms.forms[0]);
    CHECK_FALSE(believed(two_forms));

    disco_info two_types = with_form();
    two_types.forms[0].fields.push_back({"FORM_TYPE", "hidden", {"a", "b"}});
    CHECK_FALSE(believed(two_types));

    for (disco_info info : {simple(), with_form()}) {
        info.features.push_back("a<b");
        CHECK_FALSE(believed(info));
    }
    disco_info in_name = simple();
    in_name.identities[0].name = "x<urn:crosstalk:1";
    CHECK_FALSE(believed(in_name));
    disco_info in_value = with_form();
    in_value.forms[0].fields[0].values.push_back("v<");
    CHECK_FALSE(believed(in_value));
}

TEST_CASE("a form without a hidden FORM_TYPE is left out of the hash") {
    disco_info info = simple();
    info.forms = {{{{"FORM_TYPE", "", {"x"}}, {"os", "", {"y"}}}}};
    CHECK(caps_ver(info) == caps_ver(simple()));
}

TEST_CASE("caps are written into presence and read from it") {
    const caps c = make_caps("https://example.org/#", simple());
    element presence("presence", std::string(ns::client));
    presence.add(to_element(c));
    CHECK(presence.to_xml() ==
          "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' "
          "node='https://example.org/#' "
          "ver='QgayPKawpkPSDYmwT/WM94uAlu0='/></presence>");
    CHECK(read_caps(test::parse(presence.to_xml())) == c);
    CHECK_FALSE(read_caps(test::parse("<presence/>")).has_value());
}
