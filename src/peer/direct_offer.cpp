// See direct_offer.hpp.
#include "peer/direct_offer.hpp"

#include <algorithm>

#include "http/syntax.hpp"
#include "http/target.hpp"
#include "talk/direct_frame.hpp"

namespace crosstalk::peer {
namespace {

constexpr std::size_t longest_url = 512, longest_token = 128;

bool is_at_or_under(std::string_view host, std::string_view domain) {
    if (!host.ends_with(domain)) return false;
    host.remove_suffix(domain.size());
    return host.empty() || host.ends_with('.');
}

std::string_view parent_of(std::string_view domain) {
    const auto dot = domain.find('.');
    const auto parent = dot == std::string_view::npos ? std::string_view() : domain.substr(dot + 1);
    return parent.find('.') == std::string_view::npos ? std::string_view() : parent;
}

bool is_allowed(const std::string& host, const direct_rules& rules) {
    if (std::ranges::find(rules.hosts, host) != rules.hosts.end()) return true;
    if (http::is_this_machine(host)) return rules.may_be_here;
    const auto parent = parent_of(rules.gateway);
    return is_at_or_under(host, rules.gateway) || (!parent.empty() && is_at_or_under(host, parent));
}

/// Takes `prefix` off the front of `text`.
bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

}  // namespace

std::optional<net::websocket_place> read_direct_offer(const xmpp::element& offer,
                                                      const direct_rules& rules, std::string& problem) {
    net::websocket_place place;
    const auto token = offer.attr("token");
    std::string_view rest = offer.attr("url");
    problem = "it offers an address that is none";
    if (rest.size() > longest_url || !http::is_visible(rest)) return std::nullopt;
    place.tls = take_prefix(rest, "wss://");
    if (!place.tls && !take_prefix(rest, "ws://")) return std::nullopt;
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto authority = http::parse_authority(rest.substr(0, slash));
    if (!authority || rest.substr(slash) != talk::direct_path) return std::nullopt;
    problem = "it offers no token";
    if (token.empty() || token.size() > longest_token || !http::is_visible(token)) return std::nullopt;
    problem = "it offers an address without TLS: " + authority->host;
    if (!place.tls && !http::is_this_machine(authority->host)) return std::nullopt;
    problem = "it offers an address that is not its own: " + authority->host + " (see --direct-host)";
    if (!is_allowed(authority->host, rules)) return std::nullopt;
    problem.clear();
    place.host = authority->host;
    if (place.host.starts_with('[')) place.host = place.host.substr(1, place.host.size() - 2);
    place.port = authority->port != 0 ? authority->port : place.tls ? 443 : 80;
    place.authority = rest.substr(0, slash);
    place.target = talk::direct_path;
    place.subprotocol = talk::direct_subprotocol;
    place.extra.add("Authorization", "Bearer " + std::string(token));
    return place;
}

}  // namespace crosstalk::peer
