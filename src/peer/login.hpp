// Who the peer is on XMPP, and what its parts are to know of the settings.
#pragma once

#include <string>

#include "peer/gateway_contacts.hpp"
#include "peer/settings.hpp"
#include "talk/chat_exchange.hpp"
#include "talk/exchange.hpp"
#include "talk/http_exchange.hpp"
#include "xmpp/client_session.hpp"
#include "xmpp/services.hpp"

namespace crosstalk::peer {

/// The same for each start on this machine of this site, so that a restart replaces its own ghost.
[[nodiscard]] std::string stable_resource(const settings& s);
[[nodiscard]] xmpp::self_description describe_self();

[[nodiscard]] xmpp::client_settings make_client_settings(const settings& s, const xmpp::jid& self);
[[nodiscard]] own_presence make_presence(const settings& s,
                                         const xmpp::self_description& description);
[[nodiscard]] contact_settings make_contact_settings(const settings& s,
                                                     const xmpp::self_description& description);
[[nodiscard]] talk::http_exchange_settings make_http_settings(const settings& s, const xmpp::jid& self);
[[nodiscard]] talk::exchange_settings make_exchange_settings(const settings& s);
[[nodiscard]] talk::chat_settings make_chat_settings(const settings& s);

}  // namespace crosstalk::peer
