// Elements as values, and what is written of them.
#include "xmpp/element.hpp"

#include <doctest/doctest.h>

#include "script.hpp"
#include "xmpp/characters.hpp"

using namespace crosstalk::xmpp;

namespace {

std::string escaped(std::string_view text) {
    std::string out = "|";
    append_escaped(out, text);
    return out.substr(1);
}

}  // namespace

TEST_CASE("markup is escaped, quotes of JSON are not") {
    CHECK(escaped("a<b>&'\"") == "a&lt;b&gt;&amp;&apos;\"");
    CHECK(escaped("") == "");
    CHECK(escaped("plain") == "plain");
    CHECK(escaped("\r\n\t") == "&#13;\n\t");
}

TEST_CASE("what XML forbids becomes U+FFFD") {
    const std::string bad = "\xEF\xBF\xBD";
    CHECK(escaped(std::string("a\0b", 3)) == "a" + bad + "b");
    CHECK(escaped("\x01\x1F") == bad + bad);
    CHECK(escaped("x\xFFy") == "x" + bad + "y");
    CHECK(escaped("\xC0\xAF!") == bad + "!");          // overlong
    CHECK(escaped("\xED\xA0\x80!") == bad + "!");      // a surrogate
    CHECK(escaped("\xEF\xBF\xBE!") == bad + "!");      // U+FFFE
    CHECK(escaped("\xEF\xBF\xBF!") == bad + "!");      // U+FFFF
    CHECK(escaped("\xF4\x90\x80\x80!") == bad + "!");  // beyond U+10FFFF
    CHECK(escaped("\xC3") == bad);                     // cut short
    CHECK(escaped("\x80<") == bad + "&lt;");
    CHECK(escaped("\xE2\x82<") == bad + "&lt;");
}

TEST_CASE("good text of every length survives") {
    const std::string text = "z\xC3\x9F\xE6\xB0\xB4\xF0\x9F\x98\x80\x7F";
    CHECK(escaped(text) == text);
    CHECK(is_legal_text(text));
    CHECK(is_legal_text("\xEE\x80\x80\xEF\xBF\xBD"));
}

TEST_CASE("legal text is told at every offset of a word") {
    for (std::size_t at = 0; at < 24; ++at) {
        CAPTURE(at);
        std::string text(24, 'x');
        CHECK(is_legal_text(text));
        for (const char bad : {'\0', '\x08', '\x0B', '\x1F', '\x80', '\xFF'}) {
            text[at] = bad;
            CHECK_FALSE(is_legal_text(text));
        }
        for (const char good : {'\t', '\n', '\r', ' ', '~', '\x7F'}) {
            text[at] = good;
            CHECK(is_legal_text(text));
        }
    }
}

TEST_CASE("every byte pair is either legal or escaped to legal text") {
    for (int a = 0; a < 256; ++a)
        for (int b = 0; b < 256; ++b) {
            const std::string text{static_cast<char>(a), static_cast<char>(b)};
            REQUIRE(is_legal_text(escaped(text)));
        }
}

TEST_CASE("an attribute is found, replaced and absent") {
    element e("iq", "jabber:client");
    e.set("type", "get").set("id", "1").set("type", "set");
    CHECK(e.attr("type") == "set");
    CHECK(e.attr("none") == "");
    CHECK(e.has_attr("id"));
    CHECK_FALSE(e.has_attr("none"));
    CHECK(e.attributes().size() == 2);
}

TEST_CASE("xmlns is written where the namespace changes") {
    element iq("iq", std::string(ns::client));
    element& box = iq.add(element("crosstalk", std::string(ns::crosstalk)));
    box.add(element("json", std::string(ns::json))).set_text("{}");
    box.add(element("extra", ""));
    iq.add(element("error", std::string(ns::client)));
    CHECK(iq.to_xml() ==
          "<iq><crosstalk xmlns='urn:crosstalk:1'><json xmlns='urn:xmpp:json:0'>{}</json><extra/>"
          "</crosstalk><error/></iq>");
    CHECK(iq.child("crosstalk", ns::crosstalk) != nullptr);
    CHECK(iq.child("crosstalk", ns::json) == nullptr);
}

TEST_CASE("an attribute comes back from a parser as it was") {
    element iq("iq", std::string(ns::client));
    const std::string odd = "a'b\"c<d>&\r\n\t e";
    iq.set("id", odd).set("xml:lang", "de").set_text(odd);
    CHECK(test::parse(iq.to_xml()) == iq);
}
