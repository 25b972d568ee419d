// What hostile bytes get from the parser: an error, early, and nothing else.
#include <doctest/doctest.h>

#include <vector>

#include "script.hpp"
#include "xmpp/stream_parser.hpp"

using namespace crosstalk::xmpp;
using test::in_pieces;

namespace {

constexpr std::string_view header =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

struct outcome {
    crosstalk::error_code error;
    std::string trouble;
    int stanzas = 0;
};

/// Feeds pieces until the first failure.
outcome feed(std::string_view bytes, std::size_t piece, parser_limits limits = {}) {
    stream_parser parser(limits);
    outcome seen;
    for (; !bytes.empty() && !seen.error; bytes.remove_prefix(std::min(piece, bytes.size()))) {
        const auto fed = parser.feed(bytes.substr(0, piece));
        if (!fed) seen.error = fed.error();
    }
    while (const auto part = parser.poll())
        seen.stanzas += std::holds_alternative<element>(*part) ? 1 : 0;
    if (seen.error) {
        CHECK_FALSE(parser.feed("<iq/>").has_value());
        CHECK_FALSE(parser.poll().has_value());
    }
    seen.trouble = parser.trouble();
    return seen;
}

/// The stanzas of a stream that must not fail.
std::vector<element> stanzas(std::string_view xml, std::size_t piece, parser_limits limits) {
    stream_parser parser(limits);
    REQUIRE(parser.feed(header).has_value());
    REQUIRE(parser.poll().has_value());
    std::vector<element> seen;
    for (; !xml.empty(); xml.remove_prefix(std::min(piece, xml.size()))) {
        REQUIRE(parser.feed(xml.substr(0, piece)).has_value());
        while (auto part = parser.poll()) seen.push_back(std::get<element>(std::move(*part)));
    }
    return seen;
}

void is_refused(const std::string& bytes, std::string_view why, errc error = errc::malformed_xml,
                parser_limits limits = {}) {
    CAPTURE(bytes);
    in_pieces([&](std::size_t piece) {
        const outcome seen = feed(bytes, piece, limits);
        CHECK(seen.error == error);
        CHECK(seen.trouble.find(why) != std::string::npos);
    });
}

std::string in_stream(std::string_view xml) { return std::string(header) + std::string(xml); }

}  // namespace

TEST_CASE("document types are refused before anything is expanded") {
    is_refused("<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]>" + in_stream("<iq>&b;</iq>"),
               "document type");
    is_refused("<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'>" + in_stream(""),
               "document type");
    is_refused(in_stream("<!DOCTYPE x>"), "");
}

TEST_CASE("comments, processing instructions and unknown entities are refused") {
    is_refused(in_stream("<!-- x -->"), "comments");
    is_refused(in_stream("<iq><!-- x --></iq>"), "comments");
    is_refused(in_stream("<?php x ?>"), "processing instructions");
    is_refused(in_stream("<iq><?x?></iq>"), "processing instructions");
    is_refused("<?x?>" + in_stream(""), "processing instructions");
    is_refused(in_stream("<iq>&nbsp;</iq>"), "not well-formed");
    is_refused(in_stream("<iq a='&x;'/>"), "undefined entity");
}

TEST_CASE("characters that XML forbids are refused, raw and as references") {
    is_refused(in_stream("<iq>\x01</iq>"), "not well-formed");
    is_refused(in_stream("<iq>&#1;</iq>"), "not well-formed");
    is_refused(in_stream("<iq>&#xFFFE;</iq>"), "not well-formed");
    is_refused(in_stream("<iq>&#xD800;</iq>"), "not well-formed");
    is_refused(in_stream("<iq>\xEF\xBF\xBE</iq>"), "not well-formed");
    is_refused(in_stream("<iq>\xFF</iq>"), "not well-formed");
    is_refused(in_stream("<iq>\xC0\xAF</iq>"), "not well-formed");
    is_refused(in_stream("<iq>a]]>b</iq>"), "not well-formed");
    is_refused(in_stream("<iq>&quot</iq>"), "cut off");
    is_refused(in_stream("<iq>\xE2\x82</iq>"), "cut off");
}

TEST_CASE("other encodings are not taken") {
    is_refused("<?xml version='1.0' encoding='ISO-8859-1'?>" + in_stream("<iq>\xE4</iq>"),
               "not well-formed");
    std::string little, big;
    for (const char c : header) {
        little.append(1, c).append(1, '\0');
        big.append(1, '\0').append(1, c);
    }
    for (const std::string& utf16 : {"\xFF\xFE" + little, little, "\xFE\xFF" + big, big})
        is_refused(utf16, "only UTF-8");
}

TEST_CASE("what is not well-formed is refused") {
    is_refused(in_stream("<iq></message>"), "mismatched tag");
    is_refused(in_stream("<p:iq/>"), "unbound prefix");
    is_refused(in_stream("<iq a='1' a='2'/>"), "duplicate attribute");
    is_refused(in_stream("<iq a=1/>"), "not well-formed");
    is_refused(in_stream("stray"), "text between stanzas");
    is_refused(in_stream("<iq/>&amp;"), "text between stanzas");
    is_refused("GET / HTTP/1.1\r\n", "");
    is_refused("HTTP/1.1 400 Bad Request\r\n", "");
}

TEST_CASE("only a stream of XMPP is a stream") {
    is_refused("<html>", "does not speak XMPP");
    is_refused("<stream xmlns='jabber:client'>", "does not speak XMPP");
    is_refused("<s:streams xmlns:s='http://etherx.jabber.org/streams'>", "does not speak XMPP");
}

TEST_CASE("a stanza that breaks a limit arrives bare, and the stream goes on") {
    parser_limits limits;
    limits.elements = 100;
    limits.element_bytes = 2000;
    const auto repeated = [](int count, std::string_view text) {
        std::string out;
        for (int i = 0; i < count; ++i) out += text;
        return out;
    };
    const auto with_attributes = [](std::string_view name, int count) {
        std::string xml = "<" + std::string(name);
        for (int i = 0; i < count; ++i) xml += " a" + std::to_string(i) + "=''";
        return xml + ">";
    };
    struct row {
        std::string within, beyond;
    };
    const std::string iq = "<iq id='1' from='a@b'>text";
    for (const row& r : {
             row{iq + repeated(31, "<a>") + repeated(31, "</a>") + "</iq>",
                 iq + repeated(40, "<a>x") + repeated(40, "</a>") + "<z/></iq>"},
             row{iq + repeated(99, "<a/>") + "</iq>", iq + repeated(100, "<a/>") + "tail</iq>"},
             row{iq + with_attributes("b", 64) + "</b></iq>",
                 iq + with_attributes("b", 65) + "<c/></b></iq>"},
             row{with_attributes("iq id='1' from='a@b'", 62) + "text<a/></iq>",
                 with_attributes("iq id='1' from='a@b'", 63) + "text<a/></iq>"},
             row{iq + std::string(2000 - iq.size() - 5, 'x') + "</iq>",
                 iq + std::string(2001 - iq.size() - 5, 'x') + "</iq>"},
             row{iq + "</iq>", iq + "<a>" + std::string(9000, 'x') + "<b/></a></iq>"},
         }) {
        CAPTURE(r.beyond);
        in_pieces([&](std::size_t piece) {
            const auto seen = stanzas(r.within + r.beyond + r.within, piece, limits);
            REQUIRE(seen.size() == 3);
            CHECK(seen[0] == seen[2]);
            CHECK_FALSE(seen[0].text().empty());
            element bare("iq", std::string(ns::client));
            bare.set("id", "1").set("from", "a@b");
            CHECK(seen[1] == bare);
        });
    }
}

TEST_CASE("what never ends is cut off at the limit") {
    parser_limits limits;
    limits.element_bytes = 500;
    limits.hard_bytes = 1000;
    const std::string much(70'000, 'x');
    is_refused(in_stream("<iq>" + much), "1000 bytes", errc::stanza_too_large, limits);
    is_refused(in_stream("<iq a='" + much), "1000 bytes", errc::stanza_too_large, limits);
    is_refused(in_stream("<" + much), "1000 bytes", errc::stanza_too_large, limits);
    is_refused(in_stream("<iq><a " + much), "1000 bytes", errc::stanza_too_large, limits);
    is_refused("<stream:stream a='" + much, "500 bytes", errc::stanza_too_large, limits);
    is_refused(std::string(70'000, ' '), "500 bytes", errc::stanza_too_large, limits);
}

TEST_CASE("white space between stanzas has no end and costs nothing") {
    parser_limits limits;
    limits.element_bytes = 1000;
    std::string stream(header);
    for (int i = 0; i < 100; ++i) stream += std::string(500, ' ') + "\n\n<iq/>";
    CHECK(feed(stream, 1 << 20, limits).stanzas == 100);
    CHECK(feed(stream, 64, limits).stanzas == 100);
}
