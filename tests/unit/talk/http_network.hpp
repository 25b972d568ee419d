// Two exchanges over XEP-0332 with a server between them that stamps `from`, answers pings for whoever
// is there, and shows each stanza to the test.
#pragma once

#include <doctest/doctest.h>

#include <functional>

#include "base/base64.hpp"
#include "cgi/environ.hpp"
#include "talk/http_exchange.hpp"
#include "xmpp/stream_parser.hpp"

namespace crosstalk::talk::test {

inline constexpr base::milliseconds tick{250};

inline const std::string gateway_jid = "http.example.org";
inline const std::string peer_jid = "romeo@example.org/laptop";

inline http_exchange_settings gateway_settings() {
    http_exchange_settings s;
    s.from = gateway_jid;
    s.id_prefix = "g-";
    return s;
}
inline http_exchange_settings peer_settings() {
    http_exchange_settings s;
    s.own_name = "example.org";
    s.id_prefix = "p-";
    s.accepts_requests = true;
    s.resumption = base::milliseconds(30'000);
    return s;
}

/// The request object for a visitor's request, as a gateway makes it.
inline cgi::environ_map a_request(const std::string& method = "GET", const std::string& target = "/",
                                  http::fields headers = {}, const std::string& script_name = {}) {
    cgi::request_facts facts;
    facts.script_name = script_name;
    facts.target = target;
    facts.server_name = "romeo.example.org";
    facts.remote_addr = "192.0.2.7";
    headers.add("Host", "romeo.example.org");
    return *cgi::make_environ({method, target, 1, std::move(headers)}, facts);
}

struct network {
    http_exchange gateway, peer;
    base::time_point now{std::chrono::hours(1)};
    xmpp::stream_parser parser;
    std::vector<xmpp::element> passed;  ///< but for pings
    std::function<bool(const xmpp::element&)> drops = [](const auto&) { return false; };
    bool pongs = true;

    explicit network(http_exchange_settings of_gateway = gateway_settings(),
                     http_exchange_settings of_peer = peer_settings())
        : gateway(std::move(of_gateway)), peer(std::move(of_peer)) {
        gateway.online(false, now);
        peer.online(false, now);
        REQUIRE(parser.feed(
            "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"));
        REQUIRE(parser.poll());
    }

    xmpp::element parse(const std::string& xml) {
        REQUIRE(parser.feed(xml));
        auto part = parser.poll();
        REQUIRE(part);
        return std::get<xmpp::element>(*part);
    }
    bool step(http_exchange& a, const std::string& from, http_exchange& b, const std::string& to) {
        std::string xml;
        if (!a.next_stanza(xml, now)) return false;
        CHECK(xml.size() < 262'144);
        xmpp::element stanza = parse(xml);
        CHECK(stanza.attr("to") == to);
        stanza.set("from", from);
        if (stanza.child("ping", xmpp::ns::ping) != nullptr) {
            if (pongs) inject(a, to, "<iq type='result' id='" + std::string(stanza.attr("id")) + "'/>");
            return true;
        }
        passed.push_back(stanza);
        if (!drops(stanza)) b.receive(stanza, now);
        return true;
    }
    void run() {
        while (step(gateway, gateway_jid, peer, peer_jid) ||
               step(peer, peer_jid, gateway, gateway_jid)) {
        }
    }
    void wait(base::milliseconds time) {
        for (base::milliseconds done{0}; done < time; done += tick) {
            now += tick;
            for (http_exchange* e : {&gateway, &peer})
                if (e->deadline() && *e->deadline() <= now) e->expire(now);
            run();
        }
    }
    transaction& ask(const std::string& id, cgi::environ_map request = a_request(),
                     bool body_follows = false) {
        return gateway.open(peer_jid, id, std::move(request), body_follows, now);
    }
    /// Asks and hands over what the peer got of it.
    transaction& arrive(const std::string& id, cgi::environ_map request = a_request(),
                        bool body_follows = false) {
        static_cast<void>(ask(id, std::move(request), body_follows));
        run();
        const auto all = opened();
        REQUIRE(all.size() == 1);
        return *all[0];
    }
    std::vector<transaction*> opened() {
        std::vector<transaction*> all;
        while (const auto e = peer.poll())
            if (e->opened) all.push_back(e->subject);
        return all;
    }
    void inject(http_exchange& to, const std::string& from, const std::string& xml) {
        xmpp::element stanza = parse(xml);
        stanza.set("from", from);
        to.receive(stanza, now);
    }
    /// What the peer answers in the test's words.
    void answer(const std::string& id, const std::string& resp, const std::string& from = peer_jid) {
        inject(gateway, from, "<iq type='result' id='" + id + "'>" + resp + "</iq>");
    }
    void chunk(const std::string& stream, int number, const std::string& bytes, bool last = false,
               const std::string& from = peer_jid) {
        inject(gateway, from,
               "<message><chunk xmlns='urn:xmpp:http' streamId='" + stream + "' nr='" +
                   std::to_string(number) + "'" + (last ? " last='true'" : "") + ">" +
                   base::to_base64(bytes) + "</chunk></message>");
    }
    /// The names of the elements in urn:xmpp:http that went to `to` since the last call.
    std::vector<std::string> words(const std::string& to) {
        run();
        std::vector<std::string> all;
        for (const auto& stanza : std::exchange(passed, {}))
            for (const auto& child : stanza.children())
                if (stanza.attr("to") == to && child.ns() == xmpp::ns::http)
                    all.push_back(child.name());
        return all;
    }
};

inline std::string resp(const std::string& data, const std::string& headers = {},
                        const std::string& status = "200") {
    return "<resp xmlns='urn:xmpp:http' version='1.1' statusCode='" + status + "'>" +
           (headers.empty()
                ? ""
                : "<headers xmlns='http://jabber.org/protocol/shim'>" + headers + "</headers>") +
           (data.empty() ? "" : "<data>" + data + "</data>") + "</resp>";
}

/// Bytes of every kind.
inline std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 2'654'435'761U) >> 13);
    return bytes;
}

/// The only child of that name in a stanza's payload.
inline const xmpp::element& inside(const xmpp::element& stanza, std::string_view name,
                                   std::string_view child) {
    const auto* const outer = stanza.child(name, xmpp::ns::http);
    REQUIRE(outer != nullptr);
    const auto* const inner = outer->child(child, child == "headers" ? xmpp::ns::shim : xmpp::ns::http);
    REQUIRE(inner != nullptr);
    return *inner;
}

}  // namespace crosstalk::talk::test
