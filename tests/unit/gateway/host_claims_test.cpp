// What proves that a host is somebody's.
#include "gateway/host_claims.hpp"

#include <doctest/doctest.h>

namespace crosstalk::gateway {

TEST_CASE("a proof is one host's and one asker's, and the same each time") {
    const auto proof = proof_text("secret", "www.example.net", "romeo@montague.example");
    CHECK(proof == proof_text("secret", "www.example.net", "romeo@montague.example"));
    CHECK(proof.starts_with("crosstalk="));
    CHECK(proof.size() == 50);
    CHECK(proof != proof_text("secret", "www.example.net", "juliet@capulet.example"));
    CHECK(proof != proof_text("secret", "example.net", "romeo@montague.example"));
    CHECK(proof != proof_text("other", "www.example.net", "romeo@montague.example"));
    CHECK(proof_record("www.example.net") == "_crosstalk.www.example.net");
}

TEST_CASE("hosts that a site can have") {
    for (const char* host : {"example.net", "www.example.net", "xn--rmeo-5qa.example", "a.b.c.d", "1.example"})
        CHECK_MESSAGE(is_own_host(host, "http.example.org"), host);
    for (const char* host : {"", "localhost", "example", "http.example.org", "romeo.http.example.org", "127.0.0.1", "1.2.3.4",
                             "[::1]", "a..b", ".a.b", "a.b.", "-a.b", "a_b.c", "A.b"})
        CHECK_FALSE_MESSAGE(is_own_host(host, "http.example.org"), host);
    CHECK_FALSE(is_own_host(std::string(63, 'a') + '.' + std::string(63, 'a') + '.' + std::string(63, 'a') + '.' +
                                std::string(63, 'a'), "http.example.org"));
}

}  // namespace crosstalk::gateway
