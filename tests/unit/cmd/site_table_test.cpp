#include "cmd/site_table.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::cmd;

namespace {

const shown_site fixed{{"a", "romeo@montague.example", true, 0}, "http://a.example/"};
const shown_site registered{{"juliet", "zoë@b.example", false, 1'767'323'045},
                            "http://juliet.example/"};

}  // namespace

TEST_CASE("columns are aligned, also under names that are not ASCII") {
    CHECK(as_table({fixed, registered}) ==
          "NAME    OWNER                   BOUND BY  CREATED               URL\n"
          "a       romeo@montague.example  fixed     -                     http://a.example/\n"
          "juliet  zoë@b.example           registry  2026-01-02T03:04:05Z  http://juliet.example/\n");
    CHECK(as_table({}) == "NAME  OWNER  BOUND BY  CREATED  URL\n");
}

TEST_CASE("a site as JSON is one line, and unknown times are absent") {
    CHECK(as_json(fixed) ==
          R"({"name":"a","owner":"romeo@montague.example","fixed":true,"url":"http://a.example/"})"
          "\n");
    CHECK(as_json(registered) == R"({"name":"juliet","owner":"zoë@b.example","fixed":false,)"
                                 R"("created":"2026-01-02T03:04:05Z","url":"http://juliet.example/"})"
                                 "\n");
    shown_site hostile = fixed;
    hostile.site.owner = R"(a\"b@c.example)";
    CHECK(as_json(hostile).find(R"("owner":"a\\\"b@c.example")") != std::string::npos);
}

TEST_CASE("one site is a line per fact") {
    CHECK(as_lines(registered) ==
          "name:     juliet\nowner:    zoë@b.example\nbound by: registry\ncreated:  "
          "2026-01-02T03:04:05Z\n"
          "url:      http://juliet.example/\n");
}
