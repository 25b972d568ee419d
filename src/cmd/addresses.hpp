// Addresses as people write them: where to listen, whom to ask, what to publish.
//
// Rule: each function takes one form and gives nothing for any other; what was expected is said by the
//       constant beside it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crosstalk::cmd {

struct host_and_port {
    std::string host;  ///< lower case, without the brackets of an IPv6 address
    std::uint16_t port = 0;
    bool operator==(const host_and_port&) const = default;
};

/// "server.example:5222", "127.0.0.1:5347", "[::1]:5347"; port 0 never.
[[nodiscard]] std::optional<host_and_port> parse_host_and_port(std::string_view text);
inline constexpr auto host_and_port_form = "HOST:PORT";

/// "127.0.0.1:8080", "[::]:80" with port 0 for any, "unix:/run/x.sock".
[[nodiscard]] bool is_listen_address(std::string_view text);
inline constexpr auto listen_form =
    R"(an address with a port like "127.0.0.1:8080" or "[::]:80", "unix:/PATH", "systemd" or "systemd:NAME")";

/// A DNS server: an IP address, with or without a port.
[[nodiscard]] bool is_dns_server(std::string_view text);
inline constexpr auto dns_server_form = R"(an IP address like "127.0.0.1" or "127.0.0.1:5353")";

struct base_url {
    std::string text;  ///< scheme://host[:port], lower case, without the scheme's own port
    bool is_ip = false;
};
/// "https://http.example.org", "http://localhost:8080/": no path, query or user.
[[nodiscard]] std::optional<base_url> parse_base_url(std::string_view text);
inline constexpr auto base_url_form = R"(a URL without a path like "https://http.example.org")";

/// `text`, prepared, if it is the domain of a JID and nothing more.
[[nodiscard]] std::optional<std::string> parse_domain(std::string_view text);
/// `text`, prepared, if it is node@domain.
[[nodiscard]] std::optional<std::string> parse_bare_jid(std::string_view text);
/// Either of them.
[[nodiscard]] std::optional<std::string> parse_jid_or_domain(std::string_view text);

}  // namespace crosstalk::cmd
