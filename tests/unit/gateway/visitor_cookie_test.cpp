// The cookie that makes a visitor known: to one site, for a time, and signed.
#include "gateway/visitor_cookie.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

const visitor_session juliet{"session-id", "balcony", "juliet@capulet.example", 2000};
constexpr std::string_view key = "a key that nobody knows";

}  // namespace

TEST_CASE("what was signed is known again, until it expires") {
    const auto cookie = sign(juliet, key);
    CHECK(verify(cookie, "balcony", key, 1000) == juliet);
    CHECK(verify(cookie, "balcony", key, 1999) == juliet);
    CHECK_FALSE(verify(cookie, "balcony", key, 2000));
    CHECK(cookie.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_") == std::string::npos);
}

TEST_CASE("another site's, another key's, and no cookie at all are nobody's") {
    const auto cookie = sign(juliet, key);
    CHECK_FALSE(verify(cookie, "garden", key, 1000));
    CHECK_FALSE(verify(cookie, "balcony", "another key", 1000));
    for (const char* text : {"", ".", "1", "1.a.b.c", "1.session-id.2000..", "....."}) CHECK_FALSE(verify(text, "balcony", key, 1000));
    CHECK_FALSE(verify(std::string(100'000, 'a') + "." + std::string(64, 'b'), "balcony", key, 1000));
}

TEST_CASE("a cookie in which anything was changed is nobody's") {
    const auto cookie = sign(juliet, key);
    for (std::size_t at = 0; at < cookie.size(); ++at) {
        auto forged = cookie;
        forged[at] = forged[at] == 'a' ? 'b' : 'a';
        CHECK_FALSE(verify(forged, "balcony", key, 1000));
        CHECK_FALSE(verify(std::string_view(cookie).substr(0, at), "balcony", key, 1000));
    }
    auto later = juliet;
    later.expires = 9000;
    const auto other = sign(later, "guess");
    CHECK_FALSE(verify(other, "balcony", key, 1000));
}

TEST_CASE("names cannot be moved across the line between site and JID") {
    const visitor_session odd{"id", "a", "b\nc", 2000};
    const auto cookie = sign(odd, key);
    CHECK(verify(cookie, "a", key, 1000) == odd);
    CHECK_FALSE(verify(cookie, "a\nb", key, 1000));
}

}  // namespace crosstalk::gateway
