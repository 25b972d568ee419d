// Dates, both ways.
#include <doctest/doctest.h>

#include "http/date.hpp"

using namespace crosstalk::http;

namespace {
constexpr std::int64_t year_2026 = 1'767'225'600;  // 2026-01-01
constexpr std::int64_t sample = 784'111'777;       // of RFC 9110
}  // namespace

TEST_CASE("a date is written as IMF-fixdate") {
    CHECK(format_date(sample) == "Sun, 06 Nov 1994 08:49:37 GMT");
    CHECK(format_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(format_date(-1) == "Wed, 31 Dec 1969 23:59:59 GMT");
    CHECK(format_date(951'782'400) == "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK(format_date(253'402'300'800) == "Fri, 31 Dec 9999 23:59:59 GMT");
    CHECK(format_date(INT64_MIN) == "Sat, 01 Jan 0000 00:00:00 GMT");
}

TEST_CASE("all three forms of a date are read") {
    CHECK(parse_date("Sun, 06 Nov 1994 08:49:37 GMT", year_2026) == sample);
    CHECK(parse_date("Sunday, 06-Nov-94 08:49:37 GMT", year_2026) == sample);
    CHECK(parse_date("Sun Nov  6 08:49:37 1994", year_2026) == sample);
    CHECK(parse_date("Wed Nov 16 08:49:37 1994", year_2026) == sample + 864'000);
}

TEST_CASE("what is written is read again, day by day over leap years and centuries") {
    for (std::int64_t t = -2'300'000'000; t < 9'000'000'000; t += 86'400 * 29 + 12'345) {
        CAPTURE(t);
        CHECK(parse_date(format_date(t), year_2026) == t);
    }
}

TEST_CASE("a year of two digits is never more than 50 years ahead") {
    const auto year_of = [](const char* text, std::int64_t now) {
        const auto t = parse_date(text, now);
        REQUIRE(t);
        return format_date(*t).substr(12, 4);
    };
    CHECK(year_of("Sunday, 06-Nov-94 08:49:37 GMT", year_2026) == "1994");
    CHECK(year_of("Sunday, 06-Nov-76 08:49:37 GMT", year_2026) == "2076");
    CHECK(year_of("Sunday, 06-Nov-77 08:49:37 GMT", year_2026) == "1977");
    CHECK(year_of("Sunday, 06-Nov-26 08:49:37 GMT", year_2026) == "2026");
    CHECK(year_of("Sunday, 06-Nov-01 08:49:37 GMT", 915'148'800) == "2001");  // asked in 1999
    CHECK(year_of("Sunday, 06-Nov-99 08:49:37 GMT", 915'148'800) == "1999");
}

TEST_CASE("a leap second is read") {
    CHECK(parse_date("Sat, 31 Dec 2016 23:59:60 GMT", year_2026) == 1'483'228'800);
}

TEST_CASE("what is no date is refused") {
    for (const auto* bad : {"",
                            "Sun",
                            "Sun, 06 Nov 1994 08:49:37",
                            "Sun, 06 Nov 1994 08:49:37 UTC",
                            "Sun, 06 Nov 1994 08:49:37 GMT ",
                            " Sun, 06 Nov 1994 08:49:37 GMT",
                            "sun, 06 Nov 1994 08:49:37 GMT",
                            "Xxx, 06 Nov 1994 08:49:37 GMT",
                            "Sun, 6 Nov 1994 08:49:37 GMT",
                            "Sun, 06 nov 1994 08:49:37 GMT",
                            "Sun, 31 Feb 1994 08:49:37 GMT",
                            "Sun, 29 Feb 1900 08:49:37 GMT",
                            "Sun, 00 Nov 1994 08:49:37 GMT",
                            "Sun, 06 Nov 1994 24:00:00 GMT",
                            "Sun, 06 Nov 1994 08:60:37 GMT",
                            "Sun, 06 Nov 1994 08:49:61 GMT",
                            "Sun, 06 Nov 1994 8:49:37 GMT",
                            "Sun, 06 Nov -994 08:49:37 GMT",
                            "Sun, 06-Nov-94 08:49:37 GMT",
                            "Sun Nov 006 08:49:37 1994",
                            "Sun Nov 6 08:49:37 1994",
                            "784111777"}) {
        CAPTURE(bad);
        CHECK(!parse_date(bad, year_2026));
    }
}
