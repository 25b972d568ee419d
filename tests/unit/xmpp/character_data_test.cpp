#include <doctest/doctest.h>

#include <optional>

#include "xmpp/character_data.hpp"
#include "xmpp/markup_scanner.hpp"

using namespace crosstalk::xmpp;

namespace {

// What a run stands for; nothing when it is not well-formed. The same whole and byte by byte.
std::optional<std::string> read(std::string_view run) {
    std::optional<std::string> results[2];
    for (const std::size_t step : {run.size() + 2, std::size_t{1}}) {
        character_data data;
        std::string out;
        bool is_good = true;
        for (std::size_t at = 0; at < run.size() && is_good; at += step)
            is_good = data.append(out, run.substr(at, step));
        if (is_good && data.end()) results[step == 1] = out;
    }
    CHECK(results[0] == results[1]);
    return results[0];
}

}  // namespace

TEST_CASE("plain text and UTF-8 stand for themselves") {
    const std::string text =
        "0123456789abcdefghij\t\n \x7f k\xc3\xa4se \xe2\x82\xac \xf0\x9f\x98\x80 [] ]] > ]>";
    CHECK(read(text) == text);
    CHECK(read("") == "");
}

TEST_CASE("references are resolved") {
    CHECK(read("{&quot;a&quot;:&apos;&lt;&gt;&amp;&apos;}") == "{\"a\":'<>&'}");
    CHECK(read("&#65;&#x42;&#x20ac;&#128512;&#0000067;&#13;") ==
          "AB\xe2\x82\xac\xf0\x9f\x98\x80\x43\r");
}

TEST_CASE("line ends become LF") { CHECK(read("a\r\nb\rc\r\r\nd\n\n") == "a\nb\nc\n\nd\n\n"); }

TEST_CASE("what XML forbids is refused") {
    for (const char* bad : {"a\x01",
                            "\x0b",
                            "&nbsp;",
                            "&;",
                            "& ",
                            "&#;",
                            "&#x;",
                            "&#xg;",
                            "&#65",
                            "&quot",
                            "&#0;",
                            "&#1;",
                            "&#xD800;",
                            "&#xFFFE;",
                            "&#x110000;",
                            "&#99999999999;",
                            "&#00000000000000065;",
                            "\xc3",
                            "\xc3(",
                            "\xff",
                            "\xed\xa0\x80",
                            "\xef\xbf\xbe",
                            "a]]>b",
                            "]]]>"}) {
        CAPTURE(bad);
        CHECK(read(bad) == std::nullopt);
    }
    CHECK(read(std::string_view("a\0b", 3)) == std::nullopt);
}

TEST_CASE("character data begins where a tag is followed by something else") {
    const auto scan = [](std::string_view xml) {
        markup_scanner scanner;
        return scanner.scan(xml);
    };
    CHECK(scan("<a><b c='>' d=\"'>\">text</b>") == 19);
    CHECK(scan("<a/></b> ") == 8);
    CHECK(scan(" \n<a>t") == 5);
    CHECK(scan("<a><b") == 5);
    CHECK(scan("<![CDATA[<x>]>]]]>t") == 18);
}

TEST_CASE("the scanner finds the same wherever its input is cut") {
    const std::string xml = "<a b='x>y'><![CDATA[]>]]>t";
    for (std::size_t cut = 0; cut < xml.size(); ++cut) {
        markup_scanner scanner;
        std::size_t end = scanner.scan(std::string_view(xml).substr(0, cut));
        if (end == cut && !(scanner.is_outside() && cut == xml.size() - 1))
            end += scanner.scan(std::string_view(xml).substr(cut));
        CHECK(end == xml.size() - 1);
        CHECK(scanner.is_outside());
    }
}
