// Visitors who wait for their own clients to confirm who they are.
#include "gateway/logins.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
const base::time_point start{1000s};
const std::string juliet = "juliet@capulet.example";

login asking(std::string secret, std::string jid = juliet, std::string code = "ABCD-2345") {
    return {std::move(secret), std::move(code), std::move(jid), "balcony", {}};
}

login::progress progress_of(const logins& all, const std::string& secret, base::time_point now = start) {
    const auto* there = all.find(secret, now);
    REQUIRE(there != nullptr);
    return there->now_is;
}

}  // namespace

TEST_CASE("an answer counts from the JID that was asked, for its code, and once") {
    logins all;
    REQUIRE(all.begin(asking("one"), "192.0.2.1", start));
    CHECK(progress_of(all, "one") == login::progress::waiting);
    CHECK_FALSE(all.answer("mallory@evil.example", "ABCD-2345", true, start));
    CHECK_FALSE(all.answer(juliet, "ABCD-9999", true, start));
    CHECK_FALSE(all.answer(juliet, "", true, start));
    CHECK(progress_of(all, "one") == login::progress::waiting);
    CHECK(all.answer(juliet, "abcd 2345", true, start));
    CHECK(progress_of(all, "one") == login::progress::confirmed);
    CHECK_FALSE(all.answer(juliet, "ABCD-2345", false, start));
    CHECK(progress_of(all, "one") == login::progress::confirmed);
}

TEST_CASE("a JID is asked about a code once at a time: an answer means one login") {
    logins all;
    REQUIRE(all.begin(asking("one"), "192.0.2.1", start));
    CHECK_FALSE(all.begin(asking("other", juliet, "abcd2345"), "192.0.2.2", start));
    CHECK(all.begin(asking("another's", "nurse@capulet.example"), "192.0.2.2", start));
    CHECK(all.answer(juliet, "ABCD-2345", true, start));
    CHECK(all.begin(asking("other"), "192.0.2.2", start));
    CHECK(progress_of(all, "one") == login::progress::confirmed);
    CHECK(progress_of(all, "other") == login::progress::waiting);
}

TEST_CASE("codes that visitors choose are no words that somebody might answer, and no messages") {
    for (const char* code : {"my-word-42", "12345678", "ABCD-2345", "a1b2c3d4e5f6"}) CHECK_MESSAGE(may_be_code(code), code);
    for (const char* code : {"", "stop", "what-is-this", "1", "abc-123", "--------1", "see-evil.example/1", "call 0800 12345",
                             "caf\xc3\xa9-12345", "a-word-4\n2"})
        CHECK_FALSE_MESSAGE(may_be_code(code), code);
    CHECK_FALSE(may_be_code(std::string(64, 'a') + '1'));
}

TEST_CASE("no is an answer, and silence has an end") {
    logins all;
    REQUIRE(all.begin(asking("one"), "192.0.2.1", start));
    CHECK(all.answer(juliet, "ABCD-2345", false, start));
    CHECK(progress_of(all, "one") == login::progress::refused);
    REQUIRE(all.begin(asking("two"), "192.0.2.1", start));
    CHECK(all.find("two", start + 299s) != nullptr);
    CHECK(all.find("two", start + 300s) == nullptr);
    CHECK_FALSE(all.answer(juliet, "ABCD-2345", true, start + 300s));
    all.expire(start + 300s);
    CHECK(all.size() == 0);
}

TEST_CASE("no alone is no to all that is asked of that JID") {
    logins all;
    CHECK_FALSE(all.refuse(juliet, start));
    REQUIRE(all.begin(asking("one"), "192.0.2.1", start));
    REQUIRE(all.begin(asking("two", juliet, "EFGH-6789"), "192.0.2.1", start));
    REQUIRE(all.begin(asking("other", "nurse@capulet.example"), "192.0.2.1", start));
    CHECK(all.answer(juliet, "EFGH-6789", true, start));
    CHECK(all.refuse(juliet, start));
    CHECK(progress_of(all, "one") == login::progress::refused);
    CHECK(progress_of(all, "two") == login::progress::confirmed);
    CHECK(progress_of(all, "other") == login::progress::waiting);
    CHECK_FALSE(all.refuse(juliet, start));
    CHECK_FALSE(all.refuse("nurse@capulet.example", start + 300s));
}

TEST_CASE("nobody is asked more than three times in ten minutes, by whomever") {
    logins all;
    for (int at = 0; at < 3; ++at)
        CHECK(all.begin(asking("s" + std::to_string(at), juliet, "CODE-000" + std::to_string(at)), "192.0.2." + std::to_string(at), start));
    CHECK_FALSE(all.begin(asking("more"), "192.0.2.99", start));
    CHECK(all.begin(asking("other", "nurse@capulet.example"), "192.0.2.99", start));
    CHECK_FALSE(all.begin(asking("more"), "192.0.2.99", start + 9min));
    CHECK(all.begin(asking("more"), "192.0.2.99", start + 10min));
}

TEST_CASE("one network asks ten times in ten minutes, and one domain is asked a hundred times a minute") {
    logins all;
    for (int at = 0; at < 10; ++at)
        CHECK(all.begin(asking("s" + std::to_string(at), std::to_string(at) + "@a.example"), "192.0.2.1", start));
    CHECK_FALSE(all.begin(asking("more", "x@b.example"), "192.0.2.1", start));
    CHECK(all.begin(asking("more", "x@b.example"), "192.0.2.2", start));
    for (int at = 0; at < 20; ++at)  // through a proxy that does not say for whom
        CHECK(all.begin(asking("p" + std::to_string(at), std::to_string(at) + "@p.example"), "", start));
    int begun = 0;
    for (int at = 0; at < 200; ++at)
        begun += all.begin(asking("d" + std::to_string(at), std::to_string(at) + "@c.example"), std::to_string(at), start);
    CHECK(begun == 100);
}

TEST_CASE("how many wait is bounded") {
    logins all;
    std::size_t begun = 0;
    for (std::size_t at = 0; at < logins::most + 100; ++at) {
        const auto name = std::to_string(at);
        begun += all.begin(asking(name, "x@" + name + ".example"), name, start);
    }
    CHECK(begun == logins::most);
}

}  // namespace crosstalk::gateway
