// What the configuration means to each part of the component.
#pragma once

#include "gateway/command_desk.hpp"
#include "gateway/lobby.hpp"
#include "gateway/services.hpp"
#include "gateway/settings.hpp"
#include "net/exchange_link.hpp"
#include "xmpp/component_session.hpp"

namespace crosstalk::gateway {

[[nodiscard]] route_settings routes_of(const settings& s);
[[nodiscard]] services_settings services_of(const settings& s, bool registers);
[[nodiscard]] desk_settings desk_of(const settings& s);
[[nodiscard]] lobby_settings lobby_of(const settings& s);
[[nodiscard]] xmpp::component_settings session_of(const settings& s);
[[nodiscard]] net::link_settings link_of(const settings& s);
[[nodiscard]] talk::exchange_settings exchange_of(const settings& s);
[[nodiscard]] talk::chat_settings chat_of(const settings& s);
[[nodiscard]] talk::http_exchange_settings http_exchange_of(const settings& s);

}  // namespace crosstalk::gateway
