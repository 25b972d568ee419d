#include "base/units.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::base;
using std::chrono::milliseconds;

TEST_CASE("durations have a unit") {
    CHECK(parse_duration("0") == milliseconds{0});
    CHECK(parse_duration("250ms") == milliseconds{250});
    CHECK(parse_duration("30s") == milliseconds{30'000});
    CHECK(parse_duration("5m") == milliseconds{300'000});
    CHECK(parse_duration("2h") == milliseconds{7'200'000});
    for (auto const text :
         {"", "s", "30", "30 s", " 30s", "30s ", "-1s", "+1s", "1.5s", "1d", "30S", "0x10s", "1s1s",
          "99999999999999999999s", "18446744073709551615ms", "9999999999h"})
        CHECK_MESSAGE(!parse_duration(text), text);
}

TEST_CASE("sizes are bytes unless a unit says otherwise") {
    CHECK(parse_size("0") == 0);
    CHECK(parse_size("512") == 512);
    CHECK(parse_size("512B") == 512);
    CHECK(parse_size("64KiB") == 65'536);
    CHECK(parse_size("1MiB") == 1'048'576);
    CHECK(parse_size("2GiB") == 2'147'483'648);
    CHECK(parse_size("10kB") == 10'000);
    CHECK(parse_size("5MB") == 5'000'000);
    CHECK(parse_size("18446744073709551615") == 18446744073709551615ULL);
    for (auto const text : {"", "B", "KiB", "64 KiB", "64kib", "64K", "-1", "1.5MiB",
                            "18446744073709551616", "18014398509481985KiB", "64KiB "})
        CHECK_MESSAGE(!parse_size(text), text);
}
