#include "visit/progress.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using visit::progress_line;
using visit::readable_size;

TEST_CASE("sizes for people") {
    CHECK(readable_size(0) == "0 B");
    CHECK(readable_size(999) == "999 B");
    CHECK(readable_size(1000) == "1.0 kB");
    CHECK(readable_size(12'345) == "12 kB");
    CHECK(readable_size(999'999) == "999 kB");
    CHECK(readable_size(1'234'567) == "1.2 MB");
    CHECK(readable_size(5'000'000'000) == "5.0 GB");
}

TEST_CASE("how far it is, how fast, and how long it will take") {
    const auto line = progress_line({500'000, 0, 1'000'000, base::milliseconds(1000)}, 90);
    CHECK(line == "[===============>              ]  50%  500 kB of 1.0 MB  500 kB/s  2 s left");
    CHECK(progress_line({1'000'000, 0, 1'000'000, base::milliseconds(1000)}, 90).find("100%") !=
          std::string::npos);
}

TEST_CASE("what was there before is no speed") {
    const auto line = progress_line({900'000, 800'000, 1'000'000, base::milliseconds(1000)}, 90);
    CHECK(line.find(" 90%") != std::string::npos);
    CHECK(line.find("100 kB/s") != std::string::npos);
}

TEST_CASE("without a length there is no bar; nothing is ever wider than the terminal") {
    CHECK(progress_line({2000, 0, {}, base::milliseconds(1000)}, 79) == "2.0 kB  2.0 kB/s");
    for (std::size_t width = 0; width < 100; ++width)
        CHECK(progress_line({1, 0, 1'000'000'000'000, base::milliseconds(1)}, width).size() <= width);
    CHECK(progress_line({0, 0, 0, base::milliseconds(0)}, 79).find("100%") != std::string::npos);
}
