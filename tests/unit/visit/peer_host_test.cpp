#include "visit/peer_host.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

using namespace crosstalk;

TEST_CASE("an address and its host") {
    const std::array<std::pair<std::string, std::string>, 9> pairs{{
        {"romeo@montague.example", "romeo-at-montague-example.localhost"},
        {"at@at.example", "at-at-at-example.localhost"},
        {"at-at@x", "at-2dat-at-x.localhost"},
        {"romeo@my-server.example", "romeo-at-my--server-example.localhost"},
        {"romeo@a--b.example", "romeo-at-a----b-example.localhost"},
        {"r.m_1@montague.example", "r-2em-5f1-at-montague-example.localhost"},
        {"rom\xc3\xa9o@montague.example", "rom-c3-a9o-at-montague-example.localhost"},
        {"romeo@m\xc3\xbcnchen.example", "romeo-at-xn----mnchen--3ya-example.localhost"},
        {"romeo@127.0.0.1", "romeo-at-127-0-0-1.localhost"},
    }};
    for (const auto& [bare, host] : pairs) {
        CAPTURE(bare);
        CHECK(visit::host_of_peer(bare) == host);
        CHECK(visit::peer_of_host(host) == bare);
        CHECK(visit::peer_of_host(host + '.') == bare);
    }
}

TEST_CASE("addresses that have no host") {
    for (const std::string bare : {"montague.example", "romeo@montague.example/balcony", "romeo@[::1]",
                                   "romeo@under_score.example", "romeo@-x.example", "romeo@x-.example",
                                   "romeo@x.-y.example", "", "romeo@"}) {
        CAPTURE(bare);
        CHECK_FALSE(visit::host_of_peer(bare).has_value());
    }
}

TEST_CASE("each peer has one host") {
    for (const std::string host :
         {"localhost", ".localhost", "romeo.localhost", "romeo-at-.localhost", "-at-x.localhost",
          "romeo-at-montague-example", "romeo-at-montague-example.xmpp.localhost",
          "romeo-at-montague-example.localhost.example", "romeo-at-montague.example.localhost",
          // Said in another way than host_of_peer() says it:
          "Romeo-at-montague-example.localhost", "rom-65o-at-x.localhost", "rom-2Do-at-x.localhost",
          "rom-2-at-x.localhost", "rom-2g-at-x.localhost", "romeo-at-x---y.localhost",
          "romeo-at-x-.localhost", "romeo-at--x.localhost",
          // What would be no user's name, or more than that:
          "a-40b-at-x.localhost", "a-2fb-at-x.localhost", "a-00b-at-x.localhost",
          "a-20b-at-x.localhost", "a-ff-at-x.localhost"}) {
        CAPTURE(host);
        CHECK_FALSE(visit::peer_of_host(host).has_value());
    }
    CHECK(visit::host_of_peer("a@" + std::string(58, 'b')).has_value());
    CHECK_FALSE(visit::host_of_peer("a@" + std::string(59, 'b')).has_value());
    CHECK_FALSE(visit::peer_of_host(std::string(100'000, '-') + ".localhost").has_value());
}
