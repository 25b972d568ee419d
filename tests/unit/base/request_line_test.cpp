#include "base/request_line.hpp"

#include <doctest/doctest.h>

#include "base/console.hpp"

using namespace crosstalk;
using namespace std::chrono_literals;

TEST_CASE("a request is one line") {
    std::tm time{};
    time.tm_hour = 9;
    time.tm_min = 5;
    time.tm_sec = 7;
    CHECK(base::request_line(time, "GET", "/a?b", {200, 1234, ""}, 12ms) ==
          "09:05:07 GET /a?b 200 1234 12ms");
    CHECK(base::request_line(time, "GET", "/", {0, 0, "cut off: client-gone"}, 0ms) ==
          "09:05:07 GET / - 0 0ms (cut off: client-gone)");
    CHECK(base::request_line(time, "GET", "/", {200, 5, "", "juliet@capulet.example"}, 1ms) ==
          "09:05:07 GET / 200 5 1ms for juliet@capulet.example");
}

TEST_CASE("what visitors write cannot control the terminal or forge a line") {
    const std::tm time{};
    const auto line = base::request_line(time, "G\nT", "/\x1b[2J\r\n\xc3\xa4", {404, 0, "a\nb"}, 0ms);
    CHECK(line == "00:00:00 G\\x0aT /\\x1b[2J\\x0d\\x0a\\xc3\\xa4 404 0 0ms (a\\x0ab)");
    CHECK(base::printable(std::string(5000, 'x')).size() == 2003);
}
