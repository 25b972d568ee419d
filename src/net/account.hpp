// An XMPP account, and the link to its server as a client keeps it.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "net/xmpp_link.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::net {

struct account {
    std::string jid;  ///< bare or full, prepared
    std::string password;
    std::string server_host;  ///< "" = by SRV
    std::uint16_t server_port = 0;
    bool direct_tls = false;  ///< tls://
    std::string ca_file;      ///< "" = the system's
    std::vector<std::string> dns_servers;
};

/// Reads "HOST:PORT" or "tls://HOST:PORT" into `to`; whether it is one.
[[nodiscard]] bool read_server(std::string_view text, account& to);

/// What keeps a stream up to the account's server at `domain`.
[[nodiscard]] link_settings link_settings_of(const account& who, const std::string& domain,
                                             tls_client_context tls);

/// As whom to log in, and whom to trust.
struct credentials {
    xmpp::jid self;
    tls_client_context tls;
};
/// What `who` says, read; or in words for a person why it cannot be used.
[[nodiscard]] std::variant<credentials, std::string> read_credentials(const account& who);

/// What a person is told when that link has ended by itself, with a hint where the password comes from.
[[nodiscard]] std::string describe_login_failure(const std::string& trouble, const error_code& error,
                                                 std::string_view bare_jid);

}  // namespace crosstalk::net
