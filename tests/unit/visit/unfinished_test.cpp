#include "visit/unfinished.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using visit::content_range;
using visit::unfinished;

TEST_CASE("a note comes back as it was written, and nothing else is one") {
    const unfinished note{"httpx://romeo@montague.example/a", "\"v1\""};
    const auto text = visit::to_text(note);
    CHECK(visit::read_unfinished(text) == note);
    CHECK(visit::read_unfinished(visit::to_text({"a", ""})) == unfinished{"a", ""});
    for (std::size_t size = 0; size < text.size(); ++size)
        CHECK_FALSE(visit::read_unfinished(text.substr(0, size)).has_value());
    CHECK_FALSE(visit::read_unfinished(text + "x").has_value());
    CHECK_FALSE(visit::read_unfinished(visit::to_text({"a", "b\rc"})).has_value());
}

TEST_CASE("only a strong validator counts") {
    const std::string old = "Sat, 01 Jan 2022 00:00:00 GMT", later = "Sat, 01 Jan 2022 00:00:05 GMT";
    CHECK(visit::validator_of({{"ETag", "\"v1\""}, {"Last-Modified", old}}) == "\"v1\"");
    CHECK(visit::validator_of({{"ETag", "W/\"v1\""}}).empty());
    CHECK(visit::validator_of({{"ETag", "W/\"v1\""}, {"Last-Modified", old}, {"Date", later}}) == old);
    CHECK(visit::validator_of({{"Last-Modified", old}, {"Date", old}}).empty());
    CHECK(visit::validator_of({{"Last-Modified", old}}).empty());
    CHECK(visit::validator_of({}).empty());
}

TEST_CASE("Content-Range is read strictly") {
    CHECK(visit::read_content_range("bytes 100-199/200") == content_range{100, 199, 200});
    CHECK(visit::read_content_range("bytes 0-0/*") == content_range{0, 0, std::nullopt});
    for (const std::string_view bad :
         {"", "bytes", "bytes 1-0/2", "bytes 0-1/1", "bytes 0-1", "bytes 0-1/", "bytes 0-1/2 ",
          "bytes */5", "bytes -1-2/3", "lines 0-1/2", "bytes 0-99999999999999999999999/*",
          "bytes 0- 1/2"})
        CHECK_FALSE_MESSAGE(visit::read_content_range(bad).has_value(), bad);
    CHECK(visit::read_unsatisfied_range("bytes */200") == 200);
    CHECK_FALSE(visit::read_unsatisfied_range("bytes */").has_value());
    CHECK_FALSE(visit::read_unsatisfied_range("bytes */2x").has_value());
}
