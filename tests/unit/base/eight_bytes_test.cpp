#include "base/eight_bytes.hpp"

#include <doctest/doctest.h>

#include <string>

using crosstalk::base::eight_bytes;

TEST_CASE("the first of a character is found wherever it stands among all others") {
    for (int other = 0; other < 256; ++other) {
        for (std::size_t at = 0; at <= 8; ++at) {
            std::string bytes(8, static_cast<char>(other));
            if (at < 8) bytes[at] = '&';
            const std::size_t expected = other == '&' ? 0 : at;
            CHECK(eight_bytes::first(eight_bytes(bytes.data()).marks('&')) == expected);
        }
    }
}

TEST_CASE("what is no printable ASCII is found wherever it stands") {
    for (int c = 0; c < 256; ++c) {
        const bool is_text = c >= 0x20 && c < 0x80;
        for (std::size_t at = 0; at < 8; ++at) {
            for (const char around : {' ', '!', 'x', '\x7f'}) {
                std::string bytes(8, around);
                bytes[at] = static_cast<char>(c);
                CHECK(eight_bytes::first(eight_bytes(bytes.data()).marks_beyond_text()) ==
                      (is_text ? 8 : at));
            }
        }
    }
}
