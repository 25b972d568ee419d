#include "cmd/site_table.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::cmd;

namespace {

const shown_site fixed{{"a", "romeo@montague.example", true, 0}, "http://a.example/"};
const shown_site registered{{"juliet", "zoë@b.example", false, 1'767'323'045},
                            "http://juliet.example/"};

}  // namespace

TEST_CASE("columns are aligned, also under names that are not ASCII") {
    auto hidden = registered;
    hidden.site.suspended = true;
    CHECK(as_table({fixed, hidden}) ==
          "NAME    OWNER                   SEEN BY  BOUND BY  CREATED               URL\n"
          "a       romeo@montague.example  public   fixed     -                     http://a.example/\n"
          "juliet  zoë@b.example           nobody   registry  2026-01-02T03:04:05Z  http://juliet.example/\n");
    CHECK(as_table(std::vector<shown_site>{}) == "NAME  OWNER  SEEN BY  BOUND BY  CREATED  URL\n");
}

TEST_CASE("rules are a table too") {
    using crosstalk::gateway::policy, crosstalk::gateway::policy_key;
    const std::vector<policy> rules{{"*", policy_key::names, 5, true}, {"evil.example", policy_key::banned, 1}};
    CHECK(as_table(rules) ==
          "WHO           RULE    VALUE  SET BY\n"
          "*             names   5      configuration\n"
          "evil.example  banned  1      command\n");
    CHECK(as_json(rules) == R"({"who":"*","rule":"names","value":5,"fixed":true})"
                            "\n"
                            R"({"who":"evil.example","rule":"banned","value":1,"fixed":false})"
                            "\n");
}

TEST_CASE("a site as JSON is one line, and unknown times are absent") {
    CHECK(as_json(fixed) ==
          R"({"name":"a","owner":"romeo@montague.example","fixed":true,"visibility":"public","suspended":false,"guests":[],"hosts":[],"url":"http://a.example/"})"
          "\n");
    CHECK(as_json(registered) == R"({"name":"juliet","owner":"zoë@b.example","fixed":false,)"
                                 R"("visibility":"public","suspended":false,"guests":[],"hosts":[],"created":"2026-01-02T03:04:05Z","url":"http://juliet.example/"})"
                                 "\n");
    shown_site hostile = fixed;
    hostile.site.owner = R"(a\"b@c.example)";
    CHECK(as_json(hostile).find(R"("owner":"a\\\"b@c.example")") != std::string::npos);
}

TEST_CASE("one site is a line per fact") {
    auto guarded = registered;
    guarded.site.seen_by = crosstalk::gateway::visibility::listed;
    guarded.site.guests = {"abbey.example", "romeo@b.example"};
    CHECK(as_lines(guarded) ==
          "name:     juliet\nowner:    zoë@b.example\nseen by:  listed\nguests:   abbey.example, romeo@b.example\nhosts:    -\n"
          "bound by: registry\ncreated:  "
          "2026-01-02T03:04:05Z\n"
          "url:      http://juliet.example/\n");
}
