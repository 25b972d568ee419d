// Cards with pictures, and addresses as people read them.
#include <doctest/doctest.h>

#include "script.hpp"
#include "xmpp/jid_escape.hpp"
#include "xmpp/vcard.hpp"

using namespace crosstalk::xmpp;
using test::parse;

TEST_CASE("a card has its picture in base64, and presence the picture's digest") {
    const vcard card{"CrossTalk", "about", "https://http.montague.example/", "abc"};
    const auto read = parse(to_element(card).to_xml());
    CHECK(read.is("vCard", ns::card));
    CHECK(read.child("FN", ns::card)->text() == "CrossTalk");
    CHECK(read.child("URL", ns::card)->text() == "https://http.montague.example/");
    const auto* photo = read.child("PHOTO", ns::card);
    REQUIRE(photo != nullptr);
    CHECK(photo->child("TYPE", ns::card)->text() == "image/png");
    CHECK(photo->child("BINVAL", ns::card)->text() == "YWJj");
    CHECK(picture_update(card).child("photo", ns::card_update)->text() == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("without a picture there is none, and presence says so") {
    const vcard card{"CrossTalk", "about", ""};
    CHECK(to_element(card).child("PHOTO", ns::card) == nullptr);
    CHECK(to_element(card).child("URL", ns::card) == nullptr);
    CHECK(picture_update(card).child("photo", ns::card_update)->text().empty());
}

TEST_CASE("escapes that cannot deceive are undone for display") {
    CHECK(for_display("o\\27neill@montague.example") == "o'neill@montague.example");
    CHECK(for_display("a\\26b\\22@montague.example/balcony") == "a&b\"@montague.example/balcony");
}

TEST_CASE("escapes that would make one address look like another stay") {
    for (const auto* address : {"romeo\\40capulet.example@montague.example", "romeo\\2fx@montague.example", "a\\3cb@m.example",
                                "a\\5c27@m.example", "a\\20b@m.example", "romeo@montague.example/\\27", "\\27.example", "a\\2", "a\\2@m"})
        CHECK(for_display(address) == address);
}
