// Which mechanism is chosen, and what it says about channel binding.
#include "xmpp/sasl.hpp"

#include <doctest/doctest.h>

#include "script.hpp"

using namespace crosstalk::xmpp;

namespace {

const credentials romeo{"romeo", "secret"};
const std::vector<std::string> all{"PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
                                   "SCRAM-SHA-256-PLUS"};
const tls_facts both{"exporter", "end-point"};

/// "MECHANISM first-message-up-to-the-name".
std::string choice(const std::vector<std::string>& mechanisms, const tls_facts& facts,
                   std::optional<std::vector<std::string>> types = {}) {
    sasl_offer offer{mechanisms, std::move(types)};
    const auto login = sasl_login::choose(offer, facts, romeo, "nonce");
    if (!login) return login.error() == errc::no_mechanism ? "none" : "error";
    const std::string first = login->first();
    return login->mechanism() + " " + first.substr(0, first.find(",,"));
}

}  // namespace

TEST_CASE("the strongest mechanism in common is chosen") {
    CHECK(choice(all, both, {{"tls-exporter"}}) == "SCRAM-SHA-256-PLUS p=tls-exporter");
    CHECK(choice({"SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "PLAIN"}, both, {{"tls-exporter"}}) ==
          "SCRAM-SHA-1-PLUS p=tls-exporter");
    CHECK(choice({"SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"}, {}) == "SCRAM-SHA-256 n");
    CHECK(choice({"SCRAM-SHA-1", "PLAIN"}, {}) == "SCRAM-SHA-1 n");
    CHECK(choice({"DIGEST-MD5", "EXTERNAL", "X-OAUTH2"}, both) == "none");
    CHECK(choice({}, both) == "none");
}

TEST_CASE("PLAIN is the last resort") {
    const auto login = sasl_login::choose({{"PLAIN", "X"}, {}}, both, romeo, "nonce");
    REQUIRE(login.has_value());
    CHECK(login->mechanism() == "PLAIN");
    CHECK(login->first() == std::string("\0romeo\0secret", 13));
}

TEST_CASE("the binding is one that both sides know") {
    CHECK(choice(all, {"", "end-point", "finished"}) == "SCRAM-SHA-256-PLUS p=tls-unique");
    CHECK(choice(all, {"", "end-point"}) == "SCRAM-SHA-256 n");
    CHECK(choice(all, both) == "SCRAM-SHA-256 n");
    CHECK(choice(all, {"", "end-point", "finished"}, {{"tls-server-end-point"}}) ==
          "SCRAM-SHA-256-PLUS p=tls-server-end-point");
    CHECK(choice(all, both, {{"tls-server-end-point"}}) == "SCRAM-SHA-256-PLUS p=tls-server-end-point");
    CHECK(choice(all, both, {{"tls-unique", "tls-exporter"}}) == "SCRAM-SHA-256-PLUS p=tls-exporter");
    CHECK(choice(all, {"exporter", ""}, {{"tls-server-end-point"}}) == "SCRAM-SHA-256 n");
    CHECK(choice(all, both, {{"tls-unique"}}) == "SCRAM-SHA-256 n");
    CHECK(choice(all, both, std::vector<std::string>{}) == "SCRAM-SHA-256 n");
    CHECK(choice(all, {}) == "SCRAM-SHA-256 n");
}

TEST_CASE("the server is told when its offer to bind may have been taken away") {
    CHECK(choice({"SCRAM-SHA-256", "SCRAM-SHA-1"}, both) == "SCRAM-SHA-256 y");
    CHECK(choice({"SCRAM-SHA-1"}, {"", "end-point"}) == "SCRAM-SHA-1 y");
}

TEST_CASE("a password that cannot be prepared ends the login before it begins") {
    CHECK(sasl_login::choose({all, {}}, both, {"romeo", ""}, "n").error() == errc::not_authorized);
    CHECK(sasl_login::choose({{"PLAIN"}, {}}, both, {"romeo", "\x01"}, "n").error() ==
          errc::not_authorized);
}

TEST_CASE("the offer is read from the features") {
    const element features = test::parse(
        "<stream:features><mechanisms "
        "xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism>"
        "<mechanism>SCRAM-SHA-1</mechanism><hostname xmlns='urn:x'>x</hostname></mechanisms>"
        "<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='tls-exporter'/>"
        "</sasl-channel-binding></stream:features>");
    const sasl_offer offer = read_sasl_offer(features);
    CHECK(offer.mechanisms == std::vector<std::string>{"PLAIN", "SCRAM-SHA-1"});
    REQUIRE(offer.binding_types.has_value());
    CHECK(*offer.binding_types == std::vector<std::string>{"tls-exporter"});
    CHECK_FALSE(read_sasl_offer(element("features", "")).binding_types.has_value());
}

TEST_CASE("messages out of order are refused") {
    auto plain = sasl_login::choose({{"PLAIN"}, {}}, {}, romeo, "n");
    CHECK(plain->respond("x").error() == errc::login_out_of_order);
    CHECK(plain->finish("").has_value());
    auto scram = sasl_login::choose({{"SCRAM-SHA-1"}, {}}, {}, romeo, "n");
    CHECK(scram->finish("").error() == errc::server_not_proven);
    CHECK(scram->finish("v=AAAA").error() == errc::server_not_proven);
}
