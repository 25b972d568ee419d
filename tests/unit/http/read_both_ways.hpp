// Reads a stream whole and in pieces, and holds the readings against each other.
#pragma once

#include <doctest/doctest.h>

#include "reading.hpp"

namespace crosstalk::http::testing {

/// The reading of the whole stream; fails the test if one byte at a time, or three, give another.
[[nodiscard]] inline reading read_both_ways(std::string_view stream, manner how = {}) {
    auto whole = read_stream(stream, how);
    for (const std::size_t piece : {1, 3}) {
        how.piece = piece;
        INFO("in pieces of " << piece << ": " << std::string(stream.substr(0, 400)));
        const auto in_pieces = read_stream(stream, how);
        CHECK(in_pieces.error.message() == whole.error.message());
        CHECK((in_pieces == whole));
    }
    return whole;
}

[[nodiscard]] inline reading read_responses(std::string_view stream,
                                            std::deque<std::string> methods = {}, bool eof = false) {
    manner how;
    how.role = reader::role::response;
    how.methods = std::move(methods);
    how.eof = eof;
    return read_both_ways(stream, std::move(how));
}

}  // namespace crosstalk::http::testing
