// The library's settings, read: what a program says in words becomes what the rooms below know.
//
// Rule: what cannot be used is thrown as configuration_error, with the setting's name.
#pragma once

#include "crosstalk/asker.hpp"
#include "crosstalk/publisher.hpp"
#include "net/tls.hpp"
#include "peer/settings.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::library {

[[nodiscard]] peer::settings read_settings(const publisher_settings& from);
[[nodiscard]] net::account read_settings(const asker_settings& from);
/// Trust in the certificates of `ca_file`, or of the system.
[[nodiscard]] net::tls_client_context read_trust(const std::string& ca_file);
/// A JID that has been read already.
[[nodiscard]] xmpp::jid jid_of(const net::account& from);

}  // namespace crosstalk::library
