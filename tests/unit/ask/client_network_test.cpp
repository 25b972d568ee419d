// Who is one visitor, by the address.
#include "ask/client_network.hpp"

#include <doctest/doctest.h>

namespace crosstalk::ask {

TEST_CASE("an IPv4 address stands for itself, also when it comes as IPv6") {
    CHECK(client_network("192.0.2.7") == "192.0.2.7");
    CHECK(client_network("::ffff:192.0.2.7") == "192.0.2.7");
}

TEST_CASE("an IPv6 address stands for its /64") {
    CHECK(client_network("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
    CHECK(client_network("2001:db8:1:2:ffff::1") == client_network("2001:db8:1:2::"));
    CHECK(client_network("2001:db8:1:3::1") != client_network("2001:db8:1:2::1"));
    CHECK(client_network("::1") == "::/64");
    CHECK(client_network("fe80::1%eth0") == "fe80::/64");
}

TEST_CASE("what is no address stays as it is") {
    CHECK(client_network("").empty());
    CHECK(client_network("somebody") == "somebody");
}

}  // namespace crosstalk::ask
