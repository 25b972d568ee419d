// See component_settings.hpp.
#include "gateway/component_settings.hpp"

#include "base/ids.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

route_settings routes_of(const settings& s) {
    route_settings routes;
    routes.addressing = s.sites.addressing;
    if (auto address = parse_base_url(s.http.base_url)) routes.base = *std::move(address);
    return routes;
}

services_settings services_of(const settings& s, bool registers) {
    return {s.component.domain, CROSSTALK_VERSION, base::random_id() + '-', routes_of(s), registers};
}

desk_settings desk_of(const settings& s) { return {s.admin.jids, routes_of(s)}; }

lobby_settings lobby_of(const settings& s) {
    return {s.component.domain, CROSSTALK_VERSION, routes_of(s), s.sites.directory};
}

xmpp::component_settings session_of(const settings& s) {
    xmpp::component_settings session;
    session.domain = s.component.domain;
    session.secret = s.component.secret;
    return session;
}

net::link_settings link_of(const settings& s) {
    net::link_settings link;
    link.server_host = s.component.host;
    link.server_port = s.component.port;
    link.domain = s.component.domain;
    link.quick_ack = true;
    // The server sends what is for this domain back to us: that is answer enough.
    link.ping_stanza = [domain = s.component.domain] {
        auto ping = xmpp::make_iq(xmpp::iq_type::get, base::random_id(), domain, domain);
        ping.add(xmpp::element("ping", std::string(xmpp::ns::ping)));
        return ping.to_xml();
    };
    return link;
}

talk::exchange_settings exchange_of(const settings& s) {
    talk::exchange_settings exchange;
    exchange.from = s.component.domain;
    exchange.transactions.buffer = s.limits.buffer;
    return exchange;
}

talk::chat_settings chat_of(const settings& s) {
    talk::chat_settings chat;
    chat.from = s.component.domain;
    chat.transactions.buffer = s.limits.buffer;
    chat.silence = s.timeouts.response;
    return chat;
}

talk::http_exchange_settings http_exchange_of(const settings& s) {
    talk::http_exchange_settings exchange;
    exchange.from = s.component.domain;
    exchange.transactions.buffer = s.limits.buffer;
    return exchange;
}

}  // namespace crosstalk::gateway
