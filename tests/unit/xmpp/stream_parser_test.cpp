// What a stream is read into, however its bytes are cut.
#include "xmpp/stream_parser.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "script.hpp"

using namespace crosstalk::xmpp;

namespace {

constexpr std::string_view header =
    "<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' "
    "xmlns:stream='http://etherx.jabber.org/streams' from='http.example.org' id='3BF9'>";

std::vector<stream_part> parts_of(stream_parser& parser, std::string_view bytes, std::size_t piece) {
    std::vector<stream_part> parts;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
        const auto fed = parser.feed(bytes.substr(0, piece));
        while (auto part = parser.poll()) parts.push_back(std::move(*part));
        REQUIRE(fed.has_value());
    }
    return parts;
}

element stanza_of(std::string_view xml, std::size_t piece) {
    stream_parser parser;
    auto parts = parts_of(parser, std::string(header) + std::string(xml), piece);
    REQUIRE(parts.size() == 2);
    return std::get<element>(std::move(parts[1]));
}

}  // namespace

TEST_CASE("a stream is its header, its stanzas and its end") {
    test::in_pieces([](std::size_t piece) {
        stream_parser parser;
        const auto parts = parts_of(
            parser,
            std::string(header) + " \n<presence from='a@b'/> <iq id='1'><x/></iq></stream:stream> tail",
            piece);
        REQUIRE(parts.size() == 4);
        const auto& opened = std::get<stream_header>(parts[0]);
        CHECK(opened.id == "3BF9");
        CHECK(opened.from == "http.example.org");
        CHECK(opened.version == "");
        CHECK(opened.content_ns == ns::component);
        CHECK(std::get<element>(parts[1]).attr("from") == "a@b");
        CHECK(std::get<element>(parts[2]).children().size() == 1);
        CHECK(std::holds_alternative<stream_footer>(parts[3]));
        CHECK(parser.trouble() == "");
    });
}

TEST_CASE("a stanza comes with its last byte, not later") {
    stream_parser parser;
    REQUIRE(parser.feed(header));
    REQUIRE(parser.poll().has_value());
    const std::string stanza = "<message to='x'><body>a</body></message>";
    for (int round = 0; round < 3; ++round)
        for (std::size_t i = 0; i < stanza.size(); ++i) {
            CHECK_FALSE(parser.poll().has_value());
            REQUIRE(parser.feed(stanza.substr(i, 1)));
            CHECK((parser.poll().has_value()) == (i + 1 == stanza.size()));
        }
}

TEST_CASE("the stream's own namespace is jabber:client, others stay") {
    test::in_pieces([](std::size_t piece) {
        const element iq =
            stanza_of("<iq><a xmlns='urn:a'><b/><c xmlns='jabber:component:accept'/></a></iq>", piece);
        CHECK(iq.is("iq", ns::client));
        const element* a = iq.child("a", "urn:a");
        REQUIRE(a != nullptr);
        CHECK(a->child("b", "urn:a") != nullptr);
        CHECK(a->child("c", ns::client) != nullptr);
    });
}

TEST_CASE("prefixes are resolved, also for the stream's own elements") {
    test::in_pieces([](std::size_t piece) {
        CHECK(stanza_of("<stream:error><x/></stream:error>", piece).is("error", ns::streams));
        CHECK(stanza_of("<p:q xmlns:p='urn:p'/>", piece).is("q", "urn:p"));
    });
}

TEST_CASE("text is whole, with references, CDATA and line ends") {
    test::in_pieces([](std::size_t piece) {
        const element m = stanza_of(
            "<message>a&lt;&gt;&amp;&quot;&apos;&#x41;&#66;<![CDATA[<raw>&amp;]]>\r\n\xC3\xA9<b>in</"
            "b>z</message>",
            piece);
        CHECK(m.text() == "a<>&\"'AB<raw>&amp;\n\xC3\xA9z");
        CHECK(m.children().front().text() == "in");
    });
}

TEST_CASE("what came is written as it came: text between children, attributes of any namespace") {
    test::in_pieces([](std::size_t piece) {
        const element m = stanza_of(
            "<message><p xmlns='urn:p'>one <b>two</b> three<i/>&lt;<x:y xmlns:x='urn:}x' x:z='\"' "
            "w='1'/></p></message>",
            piece);
        CHECK(m.children().front().to_xml() ==
              "<p xmlns='urn:p'>one <b>two</b> three<i/>&lt;"
              "<y xmlns='urn:}x' xmlns:a0='urn:}x' a0:z='\"' w='1'/></p>");
    });
}

TEST_CASE("attributes of foreign namespaces cannot pass for others") {
    test::in_pieces([](std::size_t piece) {
        const element m =
            stanza_of("<iq x:from='evil' from='good' xmlns:x='urn:x' xml:lang='en'/>", piece);
        CHECK(m.attr("from") == "good");
        CHECK(m.attr("xml:lang") == "en");
        CHECK(m.attr("{urn:x}from") == "evil");
        CHECK(m.attributes().size() == 3);
    });
}

TEST_CASE("a large text is one string") {
    std::string text;
    for (int i = 0; i < 4096; ++i) text += "{\"k\":1}";
    std::string xml = "<iq><json xmlns='urn:xmpp:json:0'>";
    for (const char c : text) xml += c == '"' ? std::string("&quot;") : std::string(1, c);
    xml += "</json></iq>";
    CHECK(stanza_of(xml, 4096).children().front().text() == text);
    CHECK(stanza_of(xml, std::size_t{1} << 20).children().front().text() == text);
}

TEST_CASE("after a restart a new stream begins and the old one is forgotten") {
    stream_parser parser;
    REQUIRE(parser.feed(std::string(header) + "<iq/><iq><un"));
    parser.restart();
    CHECK_FALSE(parser.poll().has_value());
    REQUIRE(
        parser.feed("<stream:stream xmlns='jabber:client' version='1.0' "
                    "xmlns:stream='http://etherx.jabber.org/streams'><iq/>"));
    const auto opened = parser.poll();
    REQUIRE(opened.has_value());
    CHECK(std::get<stream_header>(*opened).version == "1.0");
    CHECK(std::get<stream_header>(*opened).content_ns == ns::client);
    CHECK(std::get<element>(*parser.poll()).is("iq", ns::client));
}

TEST_CASE("a long stream goes on over renewed parsers, however it is cut") {
    const std::string stanza = "<iq id='1'><x xmlns='urn:x'>" + std::string(3000, 'y') + "</x></iq>\n";
    constexpr std::size_t count = 1500;
    std::string stream(header);
    for (std::size_t i = 0; i < count; ++i) stream += stanza;
    stream += "<stream:error/></stream:stream>";
    for (const std::size_t piece : {std::size_t{1} << 24, std::size_t{1000}, std::size_t{65536}}) {
        CAPTURE(piece);
        stream_parser parser;
        const auto parts = parts_of(parser, stream, piece);
        REQUIRE(parts.size() == count + 3);
        for (std::size_t i = 1; i <= count; ++i) {
            const auto& e = std::get<element>(parts[i]);
            REQUIRE(e.is("iq", ns::client));
            REQUIRE(e.children().front().text().size() == 3000);
        }
        CHECK(std::get<element>(parts[count + 1]).is("error", ns::streams));
        CHECK(std::holds_alternative<stream_footer>(parts[count + 2]));
    }
}
