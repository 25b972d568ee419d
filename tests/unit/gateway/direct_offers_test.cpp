#include "gateway/direct_offers.hpp"

#include <doctest/doctest.h>

#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {
namespace {

using namespace std::chrono_literals;
using xmpp::condition;

constexpr const char* orchard = "romeo@example.org/orchard";

struct stage {
    directory sites;
    presence_table table;
    direct_offers offers{sites, table};
    base::time_point now{1h};
    std::string base_url = "https://http.example.org";

    stage() {
        sites.fix({{"romeo", "romeo@example.org"}});
        table.available(orchard, 0, std::nullopt);
    }
    xmpp::element ask(const std::string& from, std::string token = "t") {
        auto iq = xmpp::make_iq(xmpp::iq_type::get, "1", "http.example.org", from);
        iq.add({"direct", std::string(xmpp::ns::crosstalk)});
        return offers.answer(iq, parse_base_url(base_url).value(), std::move(token), now);
    }
    condition refusal(const std::string& from) {
        const auto error = xmpp::read_error(ask(from));
        REQUIRE(error);
        CHECK_FALSE(error->text.empty());
        return error->what;
    }
};

}  // namespace

TEST_CASE("an owner's resource is offered an address and a token, which is good once") {
    stage s;
    const auto answer = s.ask(orchard, "secret");
    CHECK(answer.attr("type") == "result");
    const auto* offer = answer.child("direct", xmpp::ns::crosstalk);
    REQUIRE(offer != nullptr);
    CHECK(offer->attr("url") == "wss://http.example.org/.well-known/crosstalk");
    CHECK(offer->attr("token") == "secret");
    CHECK_FALSE(s.offers.redeem("secre", s.now));
    CHECK_FALSE(s.offers.redeem("", s.now));
    CHECK(s.offers.redeem("secret", s.now) == orchard);
    CHECK_FALSE(s.offers.redeem("secret", s.now));
}

TEST_CASE("a token is good for thirty seconds, and only the latest one") {
    stage s;
    (void)s.ask(orchard, "one");
    (void)s.ask(orchard, "two");
    CHECK_FALSE(s.offers.redeem("one", s.now));
    s.now += 30s;
    CHECK_FALSE(s.offers.redeem("two", s.now));
    (void)s.ask(orchard, "three");
    CHECK(s.offers.redeem("three", s.now + 29s) == orchard);
}

TEST_CASE("whoever cannot have a stream is told why") {
    stage s;
    CHECK(s.refusal("romeo@example.org") == condition::bad_request);
    CHECK(s.refusal("juliet@example.org/x") == condition::forbidden);
    CHECK(s.refusal("romeo@example.org/elsewhere") == condition::subscription_required);
    s.base_url = "http://http.example.org";
    CHECK(s.refusal(orchard) == condition::feature_not_implemented);
}

TEST_CASE("the number of tokens is bounded, and old ones make room") {
    stage s;
    std::vector<site> fixed;
    for (std::size_t i = 0; i <= direct_offers::most_tokens; ++i) {
        const auto owner = "u" + std::to_string(i) + "@example.org";
        fixed.push_back({"s" + std::to_string(i), owner, true});
        s.table.available(owner + "/x", 0, std::nullopt);
    }
    s.sites.fix(fixed);
    for (std::size_t i = 0; i < direct_offers::most_tokens; ++i)
        CHECK(s.ask("u" + std::to_string(i) + "@example.org/x").attr("type") == "result");
    const auto last = "u" + std::to_string(direct_offers::most_tokens) + "@example.org/x";
    CHECK(s.refusal(last) == condition::resource_constraint);
    s.now += 30s;
    CHECK(s.ask(last).attr("type") == "result");
}

TEST_CASE("direct streams are for wss, and for ws to this machine") {
    const auto url = [](const char* base) { return direct_url(parse_base_url(base).value()); };
    CHECK(url("https://example.org") == "wss://example.org/.well-known/crosstalk");
    CHECK(url("https://example.org:8443") == "wss://example.org:8443/.well-known/crosstalk");
    CHECK(url("http://localhost:8080") == "ws://localhost:8080/.well-known/crosstalk");
    CHECK(url("http://sites.localhost") == "ws://sites.localhost/.well-known/crosstalk");
    CHECK(url("http://127.0.0.1:8080") == "ws://127.0.0.1:8080/.well-known/crosstalk");
    CHECK(url("http://[::1]:8080") == "ws://[::1]:8080/.well-known/crosstalk");
    CHECK(url("http://example.org").empty());
    CHECK(url("http://localhost.example.org").empty());
    CHECK(url("http://127.0.0.1.example.org").empty());
}

}  // namespace crosstalk::gateway
