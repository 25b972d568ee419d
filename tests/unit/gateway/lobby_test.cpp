// What is found here by who looks around.
#include "gateway/lobby.hpp"

#include "desk_stage.hpp"
#include "gateway/logo.hpp"
#include "xmpp/presence.hpp"

namespace crosstalk::gateway {

using namespace test;
namespace ns = xmpp::ns;

namespace {

struct hall {
    hall() : book(io.get_executor(), file.open(), "sites.db"), reception(settings(true), book) {
        place(std::vector<site>{{"balcony", juliet, true}, {"orchard", romeo, true}});
    }
    static lobby_settings settings(bool lists) {
        return {domain, "1.0", {parse_base_url("https://http.montague.example").value(), addressing::host}, lists};
    }
    void place(std::vector<site> sites) {
        book.configure(sites, {});
        reception.configure(settings(true));
    }
    xmpp::element request(const std::string& to, std::string_view ns, const char* name = "query", xmpp::iq_type type = xmpp::iq_type::get) {
        auto iq = xmpp::make_iq(type, "q", to, tybalt + "/chat");
        iq.add(xmpp::element(name, std::string(ns)));
        return iq;
    }
    xmpp::element ask(const xmpp::element& stanza) {
        REQUIRE(reception.is_asked(stanza));
        auto answer = reception.answer(stanza, {{}, std::chrono::seconds(5)});
        REQUIRE(answer);
        CHECK(answer->attr("from") == stanza.attr("to"));
        return *answer;
    }
    std::size_t listed() { return ask(request(domain, ns::disco_items)).child("query", ns::disco_items)->children().size(); }

    test::scratch_registry file;
    net::asio::io_context io;
    registrar book;
    lobby reception;
};

}  // namespace

TEST_CASE("public sites are listed, others are not") {
    hall h;
    site hidden{"tomb", juliet, true}, suspended{"sword", tybalt, true}, open{"orchard", romeo, true};
    hidden.seen_by = visibility::listed;
    suspended.suspended = true;
    h.place({hidden, suspended, open, {"banned", escalus, true}});
    CHECK(net::test::run(h.io, h.book.rule(escalus, policy_key::banned, 1)) == std::nullopt);
    const auto answer = h.ask(h.request(domain, ns::disco_items));
    const auto items = xmpp::read_disco_items(*answer.child("query", ns::disco_items));
    CHECK(items == std::vector<xmpp::disco_item>{{"orchard@http.montague.example", "", "orchard"}});
    for (const auto* name : {"tomb", "sword", "banned", "unheard-of"})
        CHECK(xmpp::read_error(h.ask(h.request(std::string(name) + '@' + domain, ns::disco_info)))->what == condition::item_not_found);
}

TEST_CASE("nothing is listed where the operator does not want it") {
    hall h;
    CHECK(h.listed() == 2);
    h.reception.configure(hall::settings(false));
    CHECK(h.listed() == 0);
}

TEST_CASE("a list is bounded") {
    hall h;
    std::vector<site> many;
    for (std::size_t i = 0; i < lobby::most_listed + 10; ++i) many.push_back({"site" + std::to_string(i), romeo, true});
    h.place(many);
    CHECK(h.listed() == lobby::most_listed);
}

TEST_CASE("a site tells its address, and answers pings") {
    hall h;
    const auto answer = h.ask(h.request("orchard@" + domain, ns::disco_info));
    const auto info = xmpp::read_disco_info(*answer.child("query", ns::disco_info));
    REQUIRE(info);
    CHECK(info->is("hierarchy", "leaf"));
    REQUIRE(info->forms.size() == 1);
    CHECK(info->forms[0].form_type() == "urn:crosstalk:1#site");
    CHECK(info->forms[0].value("url") == "https://orchard.http.montague.example/");
    CHECK(h.ask(h.request("orchard@" + domain, ns::ping, "ping")).attr("type") == "result");
    CHECK(xmpp::read_error(h.ask(h.request("orchard@" + domain, ns::registration)))->what == condition::service_unavailable);
}

TEST_CASE("the card has name, address and picture, and stays as it is") {
    hall h;
    const auto answer = h.ask(h.request(domain, ns::card, "vCard"));
    const auto* card = answer.child("vCard", ns::card);
    REQUIRE(card != nullptr);
    CHECK(card->child("URL", ns::card)->text() == "https://http.montague.example/");
    CHECK(card->child("PHOTO", ns::card)->child("BINVAL", ns::card)->text().starts_with("iVBORw0KGgo"));
    CHECK(xmpp::read_error(h.ask(h.request(domain, ns::card, "vCard", xmpp::iq_type::set)))->what == condition::forbidden);
}

TEST_CASE("a site has no contacts and reads no messages") {
    hall h;
    const auto refused = h.ask(xmpp::make_presence(xmpp::presence_type::subscribe, "orchard@" + domain, tybalt));
    CHECK(refused.attr("type") == "unsubscribed");
    CHECK(refused.attr("to") == tybalt);
    for (const auto type : {xmpp::presence_type::available, xmpp::presence_type::probe, xmpp::presence_type::error})
        CHECK_FALSE(h.reception.answer(xmpp::make_presence(type, "orchard@" + domain, tybalt), {}));
    xmpp::element message("message", std::string(ns::client));
    message.set("from", tybalt).set("to", "orchard@" + domain);
    CHECK_FALSE(h.reception.answer(message, {}));
    message.add(xmpp::element("body", std::string(ns::client)));
    CHECK(xmpp::read_error(h.ask(message))->what == condition::service_unavailable);
    message.set("type", "error");
    CHECK_FALSE(h.reception.answer(message, {}));
}

TEST_CASE("what concerns the gateway itself is for others to answer") {
    hall h;
    CHECK_FALSE(h.reception.is_asked(h.request(domain, ns::disco_info)));
    CHECK_FALSE(h.reception.is_asked(h.request(domain + "/@", ns::ping, "ping")));
    auto with_node = xmpp::make_iq(xmpp::iq_type::get, "q", domain, tybalt);
    with_node.add(xmpp::element("query", std::string(ns::disco_items))).set("node", "x");
    CHECK_FALSE(h.reception.is_asked(with_node));
    auto result = h.request("orchard@" + domain, ns::ping, "ping");
    result.set("type", "result");
    CHECK_FALSE(h.reception.answer(result, {}));
}

}  // namespace crosstalk::gateway
