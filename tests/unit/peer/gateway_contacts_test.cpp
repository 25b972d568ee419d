#include "peer/gateway_contacts.hpp"

#include <doctest/doctest.h>

#include <algorithm>

#include "talk/served_sites.hpp"
#include "xmpp/data_form.hpp"

using namespace crosstalk;
using namespace std::chrono_literals;
using peer::contact_event;
using xmpp::element;

namespace {

const std::string gateway = "http.example.org";
const std::string client{xmpp::ns::client};

/// The contacts of romeo with what they have said so far.
struct romeo {
    explicit romeo(std::string name = {}) : contacts(make_settings(std::move(name))) {}

    static peer::contact_settings make_settings(std::string name) {
        peer::contact_settings s;
        s.gateways = {gateway};
        s.name = std::move(name);
        s.here.caps = {"urn:node", "ver", "sha-1"};
        s.id_prefix = "q-";
        return s;
    }

    std::vector<element> said() {
        std::vector<element> list;
        while (auto stanza = contacts.next_stanza()) list.push_back(std::move(*stanza));
        return list;
    }

    /// Comes online and hands back the id of the question for sites.
    std::string come_online() {
        contacts.online(false, now);
        std::string id;
        for (const auto& stanza : said()) {
            if (xmpp::is_iq(stanza) && stanza.child("sites", xmpp::ns::crosstalk)) id = stanza.attr("id");
        }
        return id;
    }

    bool answer_sites(const std::string& id, std::vector<std::pair<std::string, std::string>> sites,
                      const std::string& from = gateway) {
        element iq("iq", client);
        iq.set("type", "result").set("from", from).set("id", id);
        auto& list = iq.add({"sites", std::string{xmpp::ns::crosstalk}});
        for (const auto& [name, url] : sites) {
            list.add({"site", std::string{xmpp::ns::crosstalk}}).set("name", name).set("url", url);
        }
        return contacts.receive(iq, now);
    }

    bool presence(const std::string& type, const std::string& from = gateway) {
        element p("presence", client);
        p.set("from", from);
        if (!type.empty()) p.set("type", type);
        return contacts.receive(p, now);
    }

    void fail(const std::string& id, xmpp::condition what) {
        element iq("iq", client);
        iq.set("type", "get").set("from", "romeo@montague.example/x").set("to", gateway).set("id", id);
        contacts.receive(xmpp::make_error(iq, what), now);
    }

    peer::gateway_contacts contacts;
    base::time_point now{1000s};
};

std::size_t count(const std::vector<element>& list, std::string_view name, std::string_view type,
                  std::string_view to) {
    return static_cast<std::size_t>(std::ranges::count_if(list, [&](const element& e) {
        return e.name() == name && e.attr("type") == type && e.attr("to") == to;
    }));
}

}  // namespace

TEST_CASE("coming online: presence to all and to the gateway, the question for sites") {
    romeo r;
    r.contacts.online(false, r.now);
    const auto list = r.said();
    REQUIRE(list.size() == 3);
    CHECK(count(list, "presence", "", "") == 1);
    CHECK(count(list, "presence", "", gateway) == 1);
    CHECK(count(list, "iq", "get", gateway) == 1);
    for (const auto& stanza : list) {
        if (stanza.name() != "presence") continue;
        CHECK(stanza.child("c", xmpp::ns::caps) != nullptr);
        REQUIRE(stanza.child("priority", client) != nullptr);
        CHECK(stanza.child("priority", client)->text() == "-1");
    }
}

TEST_CASE("the gateway is told which site is served, all others only that it is not every one") {
    romeo r("balcony");
    r.contacts.online(false, r.now);
    for (const auto& stanza : r.said()) {
        if (stanza.name() != "presence") continue;
        const auto named = talk::read_served_sites(stanza);
        REQUIRE(named.has_value());
        CHECK(*named == (stanza.attr("to") == gateway ? std::vector<std::string>{"balcony"} : std::vector<std::string>{}));
    }
    romeo nameless;
    nameless.contacts.online(false, nameless.now);
    for (const auto& stanza : nameless.said()) {
        if (stanza.name() == "presence") CHECK_FALSE(talk::read_served_sites(stanza).has_value());
    }
}

TEST_CASE("the priority that is set is shown to all") {
    auto settings = romeo::make_settings({});
    settings.here.priority = -7;
    peer::gateway_contacts contacts(settings);
    contacts.online(false, base::time_point{1000s});
    while (const auto stanza = contacts.next_stanza()) {
        if (stanza->name() != "presence") continue;
        REQUIRE(stanza->child("priority", client) != nullptr);
        CHECK(stanza->child("priority", client)->text() == "-7");
    }
}

TEST_CASE("subscriptions are asked for and approved as far as the roster lacks them") {
    for (const std::string state : {"to", "both", "from", "none", ""}) {
        CAPTURE(state);
        romeo r;
        r.come_online();
        peer::roster known("romeo@montague.example", "r-");
        known.log_in();
        element iq("iq", client);
        iq.set("type", "result").set("id", "r-1");
        auto& query = iq.add({"query", std::string{xmpp::ns::roster}});
        query.add({"item", std::string{xmpp::ns::roster}})
            .set("jid", "other.example")
            .set("subscription", "to");
        if (!state.empty()) {
            query.add({"item", std::string{xmpp::ns::roster}})
                .set("jid", gateway)
                .set("subscription", state);
        }
        REQUIRE(known.receive(iq));
        r.contacts.complete(known);
        const bool is_subscribed = state == "to" || state == "both";
        const bool is_approved = state == "from" || state == "both";
        const auto list = r.said();
        CHECK(count(list, "presence", "subscribe", gateway) == (is_subscribed ? 0 : 1));
        CHECK(count(list, "presence", "subscribed", gateway) == (is_approved ? 0 : 1));
    }
}

TEST_CASE("the gateway's subscription is approved, a stranger's is not answered") {
    romeo r;
    r.come_online();
    CHECK(r.presence("subscribe"));
    CHECK(count(r.said(), "presence", "subscribed", gateway) == 1);
    for (const std::string from :
         {"mallory@evil.example", "evil.example", "http.example.org.evil.example"}) {
        CHECK_FALSE(r.presence("subscribe", from));
        CHECK_FALSE(r.presence("", from));
    }
    CHECK(r.said().empty());
}

TEST_CASE("the sites are told once, those that are no web address never") {
    romeo r;
    const auto sites = r.come_online();
    CHECK(r.answer_sites(sites, {{"romeo", "https://romeo.http.example.org/"},
                                 {"odd", "javascript:alert(1)"},
                                 {"bad", "https://x/\x1b[2J"}}));
    const auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::site_up);
    CHECK(event->urls == std::vector<std::string>{"https://romeo.http.example.org/"});
    CHECK_FALSE(r.contacts.poll().has_value());
    CHECK_FALSE(r.contacts.deadline().has_value());
    // Another stream: presence again, the question not.
    r.contacts.offline();
    r.contacts.online(false, r.now);
    const auto list = r.said();
    CHECK(count(list, "presence", "", gateway) == 1);
    CHECK(count(list, "iq", "get", gateway) == 0);
}

TEST_CASE("a gateway that takes leave is asked once more, and the name is not registered again") {
    for (const std::string name : {"", "romeo"}) {
        CAPTURE(name);
        romeo r(name);
        r.answer_sites(r.come_online(), {{"romeo", "https://romeo.example/"}});
        CHECK(r.contacts.poll()->what == contact_event::kind::site_up);
        const auto asked = [&r] {
            std::string id;
            for (const auto& stanza : r.said())
                if (xmpp::is_iq(stanza)) id = stanza.attr("id");
            return id;
        };
        r.presence("unsubscribe");
        r.presence("unsubscribed");
        r.presence("unavailable");
        r.answer_sites(asked(), {});
        REQUIRE(r.contacts.poll()->what == contact_event::kind::withdrawn);
        CHECK(r.said().empty());
        // Told again that there is none: that is no news, and no refusal.
        r.presence("");
        r.fail(asked(), xmpp::condition::item_not_found);
        CHECK_FALSE(r.contacts.poll().has_value());
        r.presence("");
        r.answer_sites(asked(), {{"romeo", "https://romeo.example/"}});
        CHECK(r.contacts.poll()->what == contact_event::kind::site_up);
    }
}

TEST_CASE("a gateway that takes leave and has our site all the same is no news") {
    romeo r;
    r.answer_sites(r.come_online(), {{"romeo", "https://romeo.example/"}});
    (void)r.contacts.poll();
    r.presence("unsubscribe");
    const auto list = r.said();
    CHECK(count(list, "presence", "unsubscribed", gateway) == 1);
    REQUIRE(count(list, "iq", "get", gateway) == 1);
    r.answer_sites(std::string(list.back().attr("id")), {{"romeo", "https://romeo.example/"}});
    CHECK_FALSE(r.contacts.poll().has_value());
}

TEST_CASE("an answer counts only from the gateway that was asked, and once") {
    romeo r;
    const auto sites = r.come_online();
    CHECK_FALSE(r.answer_sites(sites, {{"romeo", "https://evil.example/"}}, "mallory@evil.example/x"));
    CHECK_FALSE(r.answer_sites(sites, {{"romeo", "https://evil.example/"}}, "x@" + gateway));
    CHECK_FALSE(r.answer_sites("guess", {{"romeo", "https://evil.example/"}}));
    CHECK_FALSE(r.contacts.poll().has_value());
    CHECK(r.answer_sites(sites, {{"romeo", "https://romeo.example/"}}));
    CHECK_FALSE(r.answer_sites(sites, {{"romeo", "https://romeo.example/"}}));
}

TEST_CASE("with a name, only the site of that name counts") {
    romeo r{"romeo"};
    auto ids = r.come_online();
    r.answer_sites(ids, {{"other", "https://other.example/"}, {"romeo", "https://romeo.example/"}});
    auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->urls == std::vector<std::string>{"https://romeo.example/"});

}

namespace {

/// The registration that is asked for, or nothing.
std::optional<element> claim_of(romeo& r) {
    for (auto& stanza : r.said())
        if (stanza.child("query", xmpp::ns::registration) != nullptr) return stanza;
    return std::nullopt;
}

}  // namespace

TEST_CASE("a name that is not ours yet is registered, once, and then asked for") {
    romeo r{"balcony"};
    r.answer_sites(r.come_online(), {{"romeo", "https://romeo.example/"}});
    CHECK_FALSE(r.contacts.poll().has_value());
    const auto claim = claim_of(r);
    REQUIRE(claim.has_value());
    CHECK(claim->attr("type") == "set");
    CHECK(claim->attr("to") == gateway);
    const auto form = xmpp::read_form(*claim->child("query", xmpp::ns::registration)->child("x", xmpp::ns::data_form));
    CHECK(form.type == "submit");
    CHECK(form.form_type() == xmpp::ns::registration);
    CHECK(form.value("name") == "balcony");

    element done("iq", client);
    done.set("type", "result").set("from", gateway).set("id", std::string(claim->attr("id")));
    CHECK(r.contacts.receive(done, r.now));
    const auto said = r.said();
    REQUIRE(said.size() == 1);
    REQUIRE(said[0].child("sites", xmpp::ns::crosstalk) != nullptr);
    r.answer_sites(std::string(said[0].attr("id")), {{"romeo", "https://romeo.example/"}});
    CHECK_FALSE(claim_of(r).has_value());
    const auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::refused);
    CHECK(event->text == "https://romeo.example/");
    CHECK(event->reason.empty());
}

TEST_CASE("why a name cannot be had is told, and a gateway that has trouble is asked again") {
    using xmpp::condition;
    for (const auto what : {condition::conflict, condition::not_allowed, condition::service_unavailable,
                            condition::resource_constraint, condition::internal_server_error}) {
        romeo r{"balcony"};
        r.answer_sites(r.come_online(), {});
        const auto claim = claim_of(r);
        REQUIRE(claim.has_value());
        r.fail(std::string(claim->attr("id")), what);
        const auto event = r.contacts.poll();
        REQUIRE(event.has_value());
        const bool is_trouble = what == condition::resource_constraint || what == condition::internal_server_error;
        CHECK(event->what == (is_trouble ? contact_event::kind::unreachable : contact_event::kind::refused));
        if (!is_trouble) CHECK(event->reason.empty() == (what == condition::service_unavailable));
        if (!is_trouble) continue;
        r.now += 60s;
        r.contacts.expire(r.now);
        const auto again = r.said();
        REQUIRE(again.size() == 1);
        r.answer_sites(std::string(again[0].attr("id")), {});
        CHECK(claim_of(r).has_value());
    }
}

TEST_CASE("a registration that is lost with the stream is tried again") {
    romeo r{"balcony"};
    r.answer_sites(r.come_online(), {});
    REQUIRE(claim_of(r).has_value());
    r.contacts.offline();
    r.answer_sites(r.come_online(), {});
    CHECK(claim_of(r).has_value());
}

TEST_CASE("a gateway without a site for us is a refusal, however it says so") {
    romeo r;
    auto ids = r.come_online();
    r.answer_sites(ids, {});
    auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::refused);

    romeo s;
    ids = s.come_online();
    s.fail(ids, xmpp::condition::item_not_found);
    event = s.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::refused);
}

TEST_CASE("a gateway that cannot be reached is asked again for ever, and that is told once") {
    romeo r;
    auto id = r.come_online();
    std::chrono::nanoseconds longest{0};
    for (int i = 0; i < 12; ++i) {
        r.fail(id, xmpp::condition::remote_server_timeout);
        const auto event = r.contacts.poll();
        CHECK(event.has_value() == (i == 0));
        if (event) CHECK(event->what == contact_event::kind::unreachable);
        const auto next = r.contacts.deadline();
        REQUIRE(next.has_value());
        longest = std::max<std::chrono::nanoseconds>(longest, *next - r.now);
        r.now = *next;
        r.contacts.expire(r.now);
        const auto list = r.said();
        REQUIRE(count(list, "iq", "get", gateway) == 1);
        id = list.front().attr("id");
    }
    CHECK(longest >= 10s);
    CHECK(longest <= 30s);
    CHECK(r.answer_sites(id, {{"romeo", "https://romeo.example/"}}));
    REQUIRE(r.contacts.poll().has_value());
}

TEST_CASE("silence is trouble too") {
    romeo r;
    r.come_online();
    r.now = *r.contacts.deadline();
    r.contacts.expire(r.now);
    const auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::unreachable);
    CHECK(r.contacts.deadline().has_value());
}

TEST_CASE("a gateway that shows itself is answered with presence, and asked if it was out of reach") {
    romeo r;
    const auto id = r.come_online();
    r.fail(id, xmpp::condition::remote_server_not_found);
    r.now += 100ms;
    CHECK(r.presence(""));
    auto list = r.said();
    CHECK(count(list, "iq", "get", gateway) == 1);
    // Presence follows, but never in a fast exchange of presence for presence.
    CHECK(count(list, "presence", "", gateway) == 0);
    r.now += 2s;
    r.contacts.expire(r.now);
    CHECK(count(r.said(), "presence", "", gateway) == 1);
    r.now += 60s;
    CHECK(r.presence("", "node@" + gateway + "/x"));
    CHECK(count(r.said(), "presence", "", gateway) == 1);
}

TEST_CASE("presence for presence is bounded in time") {
    romeo r;
    r.answer_sites(r.come_online(), {{"romeo", "https://romeo.example/"}});
    std::size_t sent = 0;
    for (int i = 0; i < 1000; ++i) {
        r.presence("");
        r.now += 10ms;
        r.contacts.expire(r.now);
        sent += count(r.said(), "presence", "", gateway);
    }
    CHECK(sent >= 1);
    CHECK(sent <= 6);
}

TEST_CASE("a gateway that leaves and comes back is told of") {
    romeo r;
    r.answer_sites(r.come_online(), {{"romeo", "https://romeo.example/"}});
    REQUIRE(r.contacts.poll().has_value());
    r.presence("unavailable");
    auto event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::unreachable);
    r.presence("");
    event = r.contacts.poll();
    REQUIRE(event.has_value());
    CHECK(event->what == contact_event::kind::back);
}

TEST_CASE("offline nothing is due, and leaving is said to everybody") {
    romeo r;
    r.come_online();
    r.contacts.offline();
    CHECK_FALSE(r.contacts.deadline().has_value());
    CHECK(r.said().empty());
    r.contacts.leave();
    const auto list = r.said();
    CHECK(count(list, "presence", "unavailable", gateway) == 1);
    CHECK(count(list, "presence", "unavailable", "") == 1);
}

TEST_CASE("after a resumption only what is open is asked again, and presence is answered") {
    romeo r;
    r.come_online();
    r.contacts.offline();
    r.contacts.online(true, r.now);
    auto list = r.said();
    REQUIRE(list.size() == 1);
    r.answer_sites(std::string{list[0].attr("id")}, {{"romeo", "https://romeo.example/"}});
    r.contacts.offline();
    r.contacts.online(true, r.now);
    CHECK(r.said().empty());
    CHECK_FALSE(r.contacts.deadline().has_value());
    r.now += 10s;
    r.presence("");
    CHECK(count(r.said(), "presence", "", gateway) == 1);
    CHECK_FALSE(r.contacts.deadline().has_value());
}

TEST_CASE("a deadline that has passed is over once it was told of") {
    romeo r;
    r.come_online();
    for (int i = 0; i < 20; ++i) {
        r.now = *r.contacts.deadline();
        r.contacts.expire(r.now);
        REQUIRE(r.contacts.deadline().has_value());
        CHECK(*r.contacts.deadline() > r.now);
    }
}
