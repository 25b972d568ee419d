// Conditional requests in the order of RFC 9110, 13.2.2.
#include <doctest/doctest.h>

#include "http/conditional.hpp"
#include "http/date.hpp"

using namespace crosstalk::http;
using verdict = condition_verdict;

namespace {

constexpr std::int64_t modified = 1'700'000'000;
constexpr std::int64_t now = modified + 1000;
const std::string before = format_date(modified - 1);
const std::string same = format_date(modified);

const validators current{"\"v1\"", modified, true};

verdict get(const fields& headers, const validators& against = current) {
    return evaluate_conditions("GET", headers, against, now);
}
verdict put(const fields& headers, const validators& against = current) {
    return evaluate_conditions("PUT", headers, against, now);
}

}  // namespace

TEST_CASE("without conditions a request proceeds") { CHECK(get({}) == verdict::proceed); }

TEST_CASE("If-None-Match answers a reader 304 and refuses a writer") {
    CHECK(get({{"If-None-Match", "\"v1\""}}) == verdict::not_modified);
    CHECK(get({{"If-None-Match", "W/\"v1\""}}) == verdict::not_modified);
    CHECK(get({{"If-None-Match", "\"a,b\\\" , W/\"x\",\"v1\""}}) == verdict::not_modified);
    CHECK(get({{"If-None-Match", "\"a\""}, {"if-none-match", "\"v1\""}}) == verdict::not_modified);
    CHECK(get({{"If-None-Match", "*"}}) == verdict::not_modified);
    CHECK(evaluate_conditions("HEAD", {{"If-None-Match", "*"}}, current, now) == verdict::not_modified);
    CHECK(get({{"If-None-Match", "\"v2\""}}) == verdict::proceed);
    CHECK(get({{"If-None-Match", "v1"}}) == verdict::proceed);
    CHECK(get({{"If-None-Match", "\"v1"}}) == verdict::proceed);
    CHECK(get({{"If-None-Match", ""}}) == verdict::proceed);
    CHECK(put({{"If-None-Match", "*"}}) == verdict::precondition_failed);
    CHECK(put({{"If-None-Match", "*"}}, {"", {}, false}) == verdict::proceed);
    CHECK(get({{"If-None-Match", "\"\""}}, {"", modified, true}) == verdict::proceed);
}

TEST_CASE("If-Modified-Since counts for readers when there is no If-None-Match") {
    CHECK(get({{"If-Modified-Since", same}}) == verdict::not_modified);
    CHECK(get({{"If-Modified-Since", before}}) == verdict::proceed);
    CHECK(get({{"If-Modified-Since", "yesterday"}}) == verdict::proceed);
    CHECK(get({{"If-Modified-Since", same}, {"If-None-Match", "\"v2\""}}) == verdict::proceed);
    CHECK(put({{"If-Modified-Since", same}}) == verdict::proceed);
    CHECK(get({{"If-Modified-Since", same}}, {"", {}, true}) == verdict::proceed);
}

TEST_CASE("If-Match needs the same strong tag") {
    CHECK(put({{"If-Match", "\"v1\""}}) == verdict::proceed);
    CHECK(put({{"If-Match", "\"v0\", \"v1\""}}) == verdict::proceed);
    CHECK(put({{"If-Match", "*"}}) == verdict::proceed);
    CHECK(put({{"If-Match", "W/\"v1\""}}) == verdict::precondition_failed);
    CHECK(put({{"If-Match", "\"v2\""}}) == verdict::precondition_failed);
    CHECK(put({{"If-Match", "*"}}, {"", {}, false}) == verdict::precondition_failed);
    CHECK(put({{"If-Match", "W/\"v1\""}}, {"W/\"v1\"", {}, true}) == verdict::precondition_failed);
    CHECK(get({{"If-Match", "\"v1\""}, {"If-None-Match", "\"v1\""}}) == verdict::not_modified);
}

TEST_CASE("If-Unmodified-Since counts when there is no If-Match") {
    CHECK(put({{"If-Unmodified-Since", same}}) == verdict::proceed);
    CHECK(put({{"If-Unmodified-Since", before}}) == verdict::precondition_failed);
    CHECK(put({{"If-Unmodified-Since", before}, {"If-Match", "\"v1\""}}) == verdict::proceed);
    CHECK(put({{"If-Unmodified-Since", "yesterday"}}) == verdict::proceed);
}

TEST_CASE("If-Range that does not hold makes Range go away") {
    const auto with = [](std::string value, const validators& against = current,
                         std::int64_t at = now) {
        return evaluate_conditions("GET", {{"Range", "bytes=0-1"}, {"If-Range", std::move(value)}},
                                   against, at);
    };
    CHECK(with("\"v1\"") == verdict::proceed);
    CHECK(with("\"v2\"") == verdict::ignore_range);
    CHECK(with("W/\"v1\"") == verdict::ignore_range);
    CHECK(with("W/\"v1\"", {"W/\"v1\"", modified, true}) == verdict::ignore_range);
    CHECK(with(same) == verdict::proceed);
    CHECK(with(before) == verdict::ignore_range);
    CHECK(with(same, current, modified) == verdict::ignore_range);
    CHECK(with("nonsense") == verdict::ignore_range);
    CHECK(get({{"If-Range", "\"v2\""}}) == verdict::proceed);
    CHECK(get({{"Range", "bytes=0-1"}, {"If-Range", "\"v1\""}, {"If-None-Match", "\"v1\""}}) ==
          verdict::not_modified);
}
