// Lists of fields, and the grammar beneath them.
#include <doctest/doctest.h>

#include "crosstalk/http.hpp"
#include "http/syntax.hpp"

using namespace crosstalk::http;

TEST_CASE("names compare without case, and only in ASCII") {
    CHECK(iequals("Content-TYPE", "content-type"));
    CHECK(!iequals("a", "ab"));
    CHECK(!iequals("\xC4", "\xE4"));
    CHECK(!iequals("@", "`"));
    CHECK(!iequals("[", "{"));
}

TEST_CASE("fields keep their order and their repeats") {
    fields list{{"A", "1"}, {"B", "2"}};
    list.add("a", "3");
    CHECK(list.size() == 3);
    CHECK(list.count("A") == 2);
    CHECK(*list.find("a") == "1");
    CHECK(list.find("c") == nullptr);
    CHECK(list.get("a") == "1");
    CHECK(list.get("c").empty());
}

TEST_CASE("set leaves one field of a name, where the first was") {
    fields list{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    list.set("a", "4");
    CHECK(list == fields{{"A", "4"}, {"B", "2"}});
    list.set("C", "5");
    CHECK(list == fields{{"A", "4"}, {"B", "2"}, {"C", "5"}});
}

TEST_CASE("names may be views of the list that they change") {
    fields list{{"A-name-beyond-small-strings", "1"}, {"a-NAME-beyond-small-strings", "2"}, {"B", "3"}};
    list.set(list.begin()->name, "4");
    CHECK(list.size() == 2);
    CHECK(list.remove(list.begin()->name) == 1);
    CHECK(list == fields{{"B", "3"}});
    CHECK(list.remove("x") == 0);
}

TEST_CASE("tokens and field values hold exactly the bytes of the grammar") {
    const std::string_view token_marks = "!#$%&'*+-.^_`|~";
    for (unsigned i = 0; i < 256; ++i) {
        const char c = static_cast<char>(i);
        const bool alphanumeric =
            (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z');
        CAPTURE(i);
        CHECK(is_token_char(c) ==
              (alphanumeric || (i != 0 && token_marks.find(c) != token_marks.npos)));
        CHECK(is_field_value({&c, 1}) == (i == 9 || (i >= 32 && i != 127)));
        CHECK(is_visible({&c, 1}) == (i > 32 && i < 127));
    }
    CHECK(!is_token(""));
    CHECK(is_field_value(""));
}

TEST_CASE("a list is cut at its commas, but not inside quotes") {
    std::string_view rest = R"( a ,, "b,\",c" ,d=",")";
    CHECK(next_item(rest) == "a");
    CHECK(next_item(rest) == "");
    CHECK(next_item(rest) == R"("b,\",c")");
    CHECK(next_item(rest) == R"(d=",")");
    CHECK(!next_item(rest));
    rest = R"("open, to the end)";
    CHECK(next_item(rest) == R"("open, to the end)");
    CHECK(!next_item(rest));
    rest = "";
    CHECK(next_item(rest) == "");
    CHECK(!next_item(rest));
    rest = "\"\\";
    CHECK(next_item(rest) == "\"\\");
    CHECK(has_item("gzip, Chunked", "chunked"));
    CHECK(!has_item("xchunked", "chunked"));
}
