// The parts of a component and how they are wired; component.hpp is what others see of it.
//
// Rule: what decides is in the parts; here stanzas are handed to whom they concern.
#pragma once

#include "gateway/command_desk.hpp"
#include "gateway/component.hpp"
#include "gateway/direct_offers.hpp"
#include "gateway/direct_streams.hpp"
#include "gateway/host_claims.hpp"
#include "gateway/flood_guard.hpp"
#include "gateway/lobby.hpp"
#include "gateway/namesake_watch.hpp"
#include "gateway/registrar.hpp"
#include "gateway/registration.hpp"
#include "gateway/services.hpp"
#include "gateway/visitors.hpp"
#include "xmpp/component_session.hpp"

namespace crosstalk::gateway {

struct component::state {
    /// How long after the start requests wait for the first attachment: a restart is no reason for a 503.
    static constexpr base::milliseconds attaching{5'000};

    state(net::executor e, net::resolver& names, const settings& s, std::optional<registry> registered);

    net::link_events events();
    void online(const xmpp::online& how);
    void offline(const error_code& error, const std::string& text, base::milliseconds retry);
    void stanza(const xmpp::element& stanza);
    bool receive_echo(const xmpp::element& stanza);
    void flush();
    net::awaitable<void> look_at_registry();
    net::awaitable<void> answer_sites(xmpp::element question);
    net::awaitable<void> answer_registration(xmpp::element request);
    net::awaitable<void> answer_command(xmpp::element request);
    bool answer_curiosity(const xmpp::element& stanza);
    bool is_flood(const xmpp::element& stanza);
    operations rest_for_desk();
    std::vector<online_resource> online_owners();
    std::vector<xmpp::form_field> counts() const;
    void apply_settings();
    void answer_later(const xmpp::element& request, net::awaitable<void> answer);
    void note_changes();
    void sites_changed();
    const site* shown(const site* known) const;
    void answer_direct(const xmpp::element& question);
    void close_strays(base::time_point now);
    bool is_busy(const std::string& full, std::size_t open, purpose what) const;
    std::variant<std::string, absence> look_up(const std::string& owner, const std::string& site,
                                               const std::string& avoid, purpose what);
    net::awaitable<void> look_often();
    net::awaitable<ask::whereabouts> locate(std::string owner, std::string site, std::string avoid,
                                            purpose what);
    visitor_surroundings surroundings();

    net::executor ex;
    settings config;
    registrar registered;
    traffic flows;
    allowance changes;  ///< that each bare JID makes
    registration registering;
    host_claims hosts;
    command_desk desk;
    lobby reception;
    flood_guard floods;
    announcements told;
    component::upkeep upkeep;
    const base::time_point started = base::clock::now();
    const directory& sites;
    presence_table table;
    services answers;
    namesake_watch namesakes;
    xmpp::component_session session;
    net::xmpp_link link;
    net::exchange_link exchange;
    net::chat_link chat;  ///< to resources that speak as in 2008
    net::http_link http;  ///< to resources that speak XEP-0332
    net::in_band_group in_band;
    direct_offers offers;
    direct_streams streams;
    allowance websockets;                        ///< open or asked for, of each full JID
    std::optional<base::time_point> strays_due;  ///< when streams without presence are closed
    net::bell changed;                           ///< presence, or what is known of a resource
    net::asio::steady_timer looking;
    visitors visiting;
    allowance waiting;                ///< such requests of each bare JID
    net::task_group answering;        ///< requests that wait for the registry
    std::uint64_t seen_revision = 0;  ///< of the registry, by everybody here
    base::time_point attaches_by = base::clock::now() + attaching;  ///< the past, once it has
    bool is_stopping = false;
    base::time_point leaves_by{};  ///< once it stops: until when owners may be told
    bool is_over = false;          ///< the link has ended
    std::string last_trouble;  ///< that was logged
};

}  // namespace crosstalk::gateway
