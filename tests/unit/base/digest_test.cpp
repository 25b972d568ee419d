#include "base/digest.hpp"

#include <doctest/doctest.h>

using namespace crosstalk::base;

TEST_CASE("digests agree with FIPS 180") {
    CHECK(to_hex(digest(hash::sha1, "abc")) == "a9993e364706816aba3e25717850c26c9cd0d89d");
    CHECK(to_hex(digest(hash::sha256, "abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(to_hex(digest(hash::sha1, "")) == "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

TEST_CASE("HMAC agrees with RFC 2202 and RFC 4231, and takes empty keys") {
    CHECK(to_hex(hmac(hash::sha1, "Jefe", "what do ya want for nothing?")) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(to_hex(hmac(hash::sha256, "Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac(hash::sha1, {}, {})) == "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
}

TEST_CASE("PBKDF2 agrees with RFC 6070, and with its known values for SHA-256") {
    CHECK(to_hex(pbkdf2(hash::sha1, "password", "salt", 1)) ==
          "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    CHECK(to_hex(pbkdf2(hash::sha1, "password", "salt", 4096)) ==
          "4b007901b765489abead49d926f721d065a429c1");
    CHECK(to_hex(pbkdf2(hash::sha256, "password", "salt", 1)) ==
          "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b");
}

TEST_CASE("comparison in constant time still compares") {
    CHECK(equal_in_constant_time("", ""));
    CHECK(equal_in_constant_time("secret", "secret"));
    CHECK_FALSE(equal_in_constant_time("secret", "secreT"));
    CHECK_FALSE(equal_in_constant_time("secret", "secre"));
}
