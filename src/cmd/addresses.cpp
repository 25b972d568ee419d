// Reading addresses; the grammar of hosts is that of HTTP.
#include "cmd/addresses.hpp"

#include <arpa/inet.h>

#include <charconv>

#include "gateway/routes.hpp"
#include "http/target.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::cmd {
namespace {

bool is_ip(std::string_view text) {
    std::string const terminated(text);
    in6_addr scratch{};
    return terminated.find('\0') == std::string::npos &&
           (inet_pton(AF_INET, terminated.c_str(), &scratch) == 1 ||
            inet_pton(AF_INET6, terminated.c_str(), &scratch) == 1);
}

std::string_view without_brackets(std::string_view host) {
    bool const has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    return has_brackets ? host.substr(1, host.size() - 2) : host;
}

/// "…:0" to "…:65535" -> what stands before the colon.
std::optional<std::string_view> before_port(std::string_view text) {
    auto const colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return text.substr(0, colon);
}

}  // namespace

std::optional<host_and_port> parse_host_and_port(std::string_view text) {
    auto const read = http::parse_authority(text);
    if (!read || read->port == 0) return std::nullopt;
    return host_and_port{std::string(without_brackets(read->host)), read->port};
}

bool is_listen_address(std::string_view text) {
    constexpr std::string_view unix_prefix = "unix:", activated = "systemd";
    if (text.starts_with(activated)) {
        std::string_view const name = text.substr(activated.size());
        return name.empty() || (name.size() > 1 && name.find(':') == 0 && name.rfind(':') == 0);
    }
    // The path must fit sockaddr_un.
    constexpr std::size_t max_path = 107;
    if (text.starts_with(unix_prefix)) {
        std::string_view const path = text.substr(unix_prefix.size());
        return path.starts_with('/') && path.size() <= max_path &&
               path.find('\0') == std::string_view::npos;
    }
    auto const host = before_port(text);
    if (!host) return false;
    bool const is_v6 = host->find(':') != std::string_view::npos;
    return is_ip(without_brackets(*host)) && is_v6 == host->starts_with('[');
}

bool is_dns_server(std::string_view text) {
    auto const host = before_port(text);
    return is_ip(text) || (host && is_listen_address(text) && !text.starts_with("unix:") &&
                           !text.starts_with("systemd"));
}

std::optional<base_url> parse_base_url(std::string_view text) {
    auto const read = gateway::parse_base_url(text);
    if (!read) return std::nullopt;
    http::authority const& at = read->authority;
    base_url out;
    out.text = read->scheme + "://" + at.host;
    std::uint16_t const own_port = read->scheme == "https" ? 443 : 80;
    if (at.port != 0 && at.port != own_port) out.text += ":" + std::to_string(at.port);
    out.is_ip = is_ip(without_brackets(at.host));
    return out;
}

std::optional<std::string> parse_domain(std::string_view text) {
    auto const read = xmpp::jid::parse(text);
    if (!read || !read->node().empty() || !read->is_bare()) return std::nullopt;
    return read->domain();
}

std::optional<std::string> parse_bare_jid(std::string_view text) {
    auto const read = xmpp::jid::parse(text);
    if (!read || read->node().empty() || !read->is_bare()) return std::nullopt;
    return read->bare();
}

std::optional<std::string> parse_jid_or_domain(std::string_view text) {
    auto jid = parse_bare_jid(text);
    return jid ? jid : parse_domain(text);
}

}  // namespace crosstalk::cmd
