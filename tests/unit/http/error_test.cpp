// Every error has a text and a status.
#include <doctest/doctest.h>

#include <set>

#include "http/error.hpp"
#include "http/status.hpp"

using namespace crosstalk::http;

TEST_CASE("every error has a text of its own and a status that has a reason") {
    std::set<std::string> texts;
    for (int i = 1; i <= static_cast<int>(errc::closed); ++i) {
        const auto error = make_error_code(static_cast<errc>(i));
        CHECK(texts.insert(error.message()).second);
        CHECK(!reason_phrase(status_of(error)).empty());
    }
    CHECK(texts.count("unknown HTTP error") == 0);
}

TEST_CASE("an error from elsewhere is not the client's fault") {
    CHECK(status_of(boost::system::errc::make_error_code(boost::system::errc::io_error)) == 500);
}
