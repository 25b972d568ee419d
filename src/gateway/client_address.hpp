// Who the visitor is: the connection's other end, or what a trusted proxy in front of us says.
//
// Rule 1: X-Forwarded-For and X-Forwarded-Proto are read only as far as trusted hands have written
// them. Rule 2: Forwarded (RFC 7239) is not read: proxies that write X-Forwarded-For pass a client's
// own
//         Forwarded on as it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crosstalk/http.hpp"

namespace crosstalk::gateway {

/// The proxies whose word counts.
class proxy_list {
  public:
    proxy_list() = default;
    /// Addresses ("127.0.0.1", "::1"), networks ("10.0.0.0/8"), or "unix" for whoever comes through a
    /// unix socket. Nothing, and `bad` set to the entry, when one is something else.
    [[nodiscard]] static std::optional<proxy_list> parse(const std::vector<std::string>& entries,
                                                         std::string& bad);
    /// `address` as text; "" stands for a unix socket.
    [[nodiscard]] bool trusts(std::string_view address) const;
    [[nodiscard]] bool empty() const noexcept { return networks_.empty() && !unix_; }

  private:
    struct network {
        std::array<unsigned char, 16> bytes{};  ///< IPv4 as ::ffff:a.b.c.d
        unsigned bits = 128;
    };
    std::vector<network> networks_;
    bool unix_ = false;
};

struct client_address {
    std::string address;          ///< "" when it is not known
    std::uint16_t port = 0;       ///< 0 when it is not known
    std::string scheme = "http";  ///< "http" or "https"
};

/// `connected` is the connection's other end, and "https" if the connection is TLS.
[[nodiscard]] client_address find_client(client_address connected, const http::fields& headers,
                                         const proxy_list& proxies);

}  // namespace crosstalk::gateway
