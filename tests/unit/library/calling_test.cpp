#include "library/calling.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace crosstalk;
using namespace crosstalk::library;

TEST_CASE("a source is asked for what there is room for, and never for more than a piece") {
    std::size_t asked = 0;
    const body_source source = [&](std::size_t most) {
        asked = most;
        return std::string(1, 'x');
    };
    std::string problem;
    CHECK(pull(source, least_piece, problem) == "x");
    CHECK(asked == least_piece);
    CHECK(pull(source, 10 * most_piece, problem) == "x");
    CHECK(asked == most_piece);
    CHECK(problem.empty());
}

TEST_CASE("a source that gives more than it was asked for is a problem, not a body") {
    std::string problem;
    CHECK_FALSE(
        pull([](std::size_t most) { return std::string(most + 1, 'x'); }, least_piece, problem));
    CHECK(problem == "the program gave more of a body than it was asked for");
}

TEST_CASE("whatever a source throws is told in words") {
    std::string problem;
    CHECK_FALSE(pull([](std::size_t) -> std::string { throw std::runtime_error("no disk"); },
                     least_piece, problem));
    CHECK(problem == "the program threw: no disk");
    CHECK_FALSE(pull([](std::size_t) -> std::string { throw 7; }, least_piece, problem));
    CHECK(problem == "the program threw something");
}

TEST_CASE("a function that is not there is not called, and what one throws stops there") {
    call(std::function<void(int)>{}, 1);
    int got = 0;
    const std::function<void(int)> f = [&](int number) {
        got = number;
        throw 7;
    };
    call(f, 3);
    CHECK(got == 3);
}
