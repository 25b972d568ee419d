#include "gateway/namesake_watch.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace crosstalk::gateway {
namespace {

using namespace std::chrono_literals;

constexpr const char* domain = "http.example.org";

struct stage {
    namesake_watch watch{domain, "me"};
    base::time_point now{1h};

    stage() { watch.attached(now); }
    std::vector<xmpp::element> due() {
        std::vector<xmpp::element> all;
        while (auto next = watch.next(now)) all.push_back(*std::move(next));
        return all;
    }
    /// Echoes for that long, of which every `lost`th goes to somebody else; 0: none does.
    void pass(base::milliseconds time, unsigned lost = 0) {
        unsigned number = 0;
        for (const auto end = now + time; now < end; now += 200ms)
            for (const auto& echo : due())
                if (lost == 0 || ++number % lost != 0) CHECK(watch.receive(echo));
    }
};

xmpp::element result(const char* id, const char* from = domain, const char* type = "result") {
    xmpp::element iq("iq", "jabber:component:accept");
    iq.set("type", type).set("id", id).set("from", from).set("to", domain);
    return iq;
}

}  // namespace

TEST_CASE("several echoes go at once after attaching, then one every ten seconds") {
    stage s;
    const auto first = s.due();
    CHECK(first.size() == 8);
    for (const auto& echo : first) {
        CHECK(echo.attr("type") == "result");
        CHECK(echo.attr("from") == domain);
        CHECK(echo.attr("to") == domain);
    }
    s.now += 9s;
    CHECK(s.due().empty());
    s.now += 1s;
    CHECK(s.due().size() == 1);
}

TEST_CASE("echoes that come back in order tell of nobody") {
    stage s;
    s.pass(10min);
    CHECK_FALSE(s.watch.is_shared());
}

TEST_CASE("an echo that comes before an earlier one tells that somebody else has got that") {
    stage s;
    const auto echoes = s.due();
    s.watch.receive(echoes[0]);
    s.watch.receive(echoes[1]);
    CHECK_FALSE(s.watch.is_shared());
    s.watch.receive(echoes[3]);
    CHECK(s.watch.is_shared());
}

TEST_CASE("the echo of another program tells of it") {
    stage s;
    CHECK(s.watch.receive(result("echo-them-0")));
    CHECK(s.watch.is_shared());
}

TEST_CASE("a server that brings no echo back tells nothing") {
    stage s;
    for (int i = 0; i < 5000; ++i, s.now += 200ms) (void)s.due();
    CHECK_FALSE(s.watch.is_shared());
}

TEST_CASE("what was on its way when the stream was lost is not missed, and may still come") {
    stage s;
    const auto echoes = s.due();
    s.watch.detached();
    s.now += 1min;
    CHECK(s.due().empty());
    s.watch.attached(s.now);
    CHECK(s.watch.receive(echoes[5]));
    s.pass(1min);
    CHECK_FALSE(s.watch.is_shared());
}

TEST_CASE("after sixteen echoes in order it is over, and while it lasts they go every second") {
    stage s;
    s.pass(1s, 2);
    CHECK(s.watch.is_shared());
    s.pass(1min, 3);
    CHECK(s.watch.is_shared());
    s.pass(14s);
    CHECK(s.watch.is_shared());
    s.pass(5s);
    CHECK_FALSE(s.watch.is_shared());
}

TEST_CASE("nobody else can make it believe anything") {
    stage s;
    (void)s.due();
    CHECK_FALSE(s.watch.receive(result("echo-them-0", "romeo@example.org/laptop")));
    CHECK_FALSE(s.watch.receive(result("echo-me-5", "juliet@http.example.org")));
    CHECK_FALSE(s.watch.receive(result("echo-me-5", domain, "get")));
    CHECK_FALSE(s.watch.receive(result("other", domain)));
    for (const char* odd : {"echo-me-", "echo-me-x", "echo-me-1x", "echo-me-99999999999999999999999"})
        CHECK(s.watch.receive(result(odd)));
    CHECK_FALSE(s.watch.is_shared());
}

}  // namespace crosstalk::gateway
