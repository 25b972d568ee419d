#include "library/settings.hpp"

#include <doctest/doctest.h>

using namespace crosstalk;
using namespace crosstalk::library;

namespace {

publisher_settings good() { return {.jid = "romeo@montague.example", .password = "secret"}; }

/// What is said against the settings, "" when nothing.
std::string complaint(const publisher_settings& from) {
    try {
        static_cast<void>(read_settings(from));
        return "";
    } catch (const configuration_error& e) {
        return e.what();
    }
}

}  // namespace

TEST_CASE("who is let in is what is named, and nobody else") {
    auto from = good();
    CHECK(read_settings(from).guests.contacts);
    from.allow = {};
    CHECK_FALSE(read_settings(from).guests.contacts);
    from.allow = {"juliet@capulet.example", "verona.example", "anyone"};
    const auto to = read_settings(from);
    CHECK(to.guests.accounts == std::vector<std::string>{"juliet@capulet.example"});
    CHECK(to.guests.domains == std::vector<std::string>{"verona.example"});
    CHECK(to.guests.anyone);
    CHECK_FALSE(to.guests.contacts);
}

TEST_CASE("an account, its server and its gateways are read and prepared") {
    auto from = good();
    from.jid = "Romeo@Montague.Example/laptop";
    from.server = "tls://[::1]:5223";
    from.gateways = {"HTTP.montague.example"};
    from.direct = direct_streams::required;
    from.direct_hosts = {"Gateway.example.net"};
    from.most_requests = 7;
    from.priority = -3;
    const auto to = read_settings(from);
    CHECK(to.jid == "romeo@montague.example/laptop");
    CHECK(to.server_host == "::1");
    CHECK(to.server_port == 5223);
    CHECK(to.direct_tls);
    CHECK(to.gateways == std::vector<std::string>{"http.montague.example"});
    CHECK(to.direct == peer::direct_use::required);
    CHECK(to.priority == -3);
    CHECK(to.direct_hosts == std::vector<std::string>{"gateway.example.net"});
    CHECK(to.transactions == 7);
    CHECK(jid_of(to).resource() == "laptop");
}

TEST_CASE("a setting that cannot be used is named") {
    CHECK(complaint(good()).empty());
    auto from = good();
    from.jid = "montague.example";
    CHECK(complaint(from) ==
          "jid: expected an XMPP address like romeo@montague.example, found \"montague.example\"");
    from = good();
    from.password = "";
    CHECK(complaint(from).starts_with("password: "));
    for (const char* const bad :
         {"montague.example", "montague.example:0", "http://x:1", "tls://", "x:70000"}) {
        from = good();
        from.server = bad;
        CHECK_MESSAGE(complaint(from).starts_with("server: expected HOST:PORT"), bad);
    }
    for (const char* const bad : {"", "romeo@montague.example", "http.montague.example/x"}) {
        from = good();
        from.gateways = {bad};
        CHECK_MESSAGE(complaint(from).starts_with("gateways: "), bad);
    }
    for (const char* const bad : {"", "juliet@capulet.example/phone", "everybody here"}) {
        from = good();
        from.allow = {bad};
        CHECK_MESSAGE(complaint(from).starts_with("allow: "), bad);
    }
    from = good();
    from.direct_hosts = {"gateway.example.net:443"};
    CHECK(complaint(from).starts_with("direct_hosts: "));
    CHECK_THROWS_AS(static_cast<void>(read_trust("/nonexistent.pem")), configuration_error);
}

TEST_CASE("an asker's settings are read by the same rules") {
    asker_settings from = {
        .jid = "juliet@capulet.example", .password = "secret", .server = "127.0.0.1:5222"};
    CHECK(read_settings(from).server_port == 5222);
    from.jid = "";
    CHECK_THROWS_AS(static_cast<void>(read_settings(from)), configuration_error);
}
