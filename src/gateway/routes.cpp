// Routing by host and by path.
#include "gateway/routes.hpp"

#include "ask/destination.hpp"
#include "gateway/site.hpp"
#include "talk/direct_frame.hpp"

namespace crosstalk::gateway {

namespace {

route refuse(refusal why) {
    route r;
    r.why = why;
    return r;
}

/// A name may be written with the dot of the root at its end.
std::string_view without_root_dot(std::string_view host) {
    if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
    return host;
}

/// NAME of NAME.BASE; nothing when `host` is no such thing.
std::optional<std::string_view> name_under(std::string_view host, std::string_view base) {
    if (host.size() <= base.size() + 1 || !host.ends_with(base)) return std::nullopt;
    host.remove_suffix(base.size());
    if (host.back() != '.') return std::nullopt;
    host.remove_suffix(1);
    return host;
}

route to_site(std::string_view name, std::string script_name, std::string target,
              http::authority authority) {
    if (!is_site_name(name)) return refuse(refusal::unknown_site);
    route r;
    r.what = route::kind::site;
    r.name = name;
    r.script_name = std::move(script_name);
    r.target = std::move(target);
    r.authority = std::move(authority);
    return r;
}

route by_path(const http::request_head& head, std::string target, http::authority authority) {
    const auto parts = http::split_query(target);
    const auto slash = parts.path.find('/', 1);
    const auto name = parts.path.substr(1, slash == std::string_view::npos ? slash : slash - 1);
    auto r = to_site(name, "/" + std::string(name), target, std::move(authority));
    const bool wants_slash =
        slash == std::string_view::npos && (head.method == "GET" || head.method == "HEAD");
    if (r.what == route::kind::site && wants_slash) {
        r.what = route::kind::redirect;
        r.location = std::string(parts.path) + '/';
        if (parts.has_query) r.location += '?' + std::string(parts.query);
    }
    return r;
}

}  // namespace

std::optional<base_address> parse_base_url(std::string_view url) {
    base_address base;
    const auto colon = url.find("://");
    if (colon == std::string_view::npos) return std::nullopt;
    base.scheme = url.substr(0, colon);
    if (base.scheme != "http" && base.scheme != "https") return std::nullopt;
    url.remove_prefix(colon + 3);
    if (url.ends_with('/')) url.remove_suffix(1);
    auto authority = http::parse_authority(url);
    if (!authority) return std::nullopt;
    base.authority = *std::move(authority);
    return base;
}

route find_route(const http::request_head& head, const route_settings& settings) {
    auto found = ask::find_destination(head, settings.base.authority);
    if (const auto* why = std::get_if<refusal>(&found)) return refuse(*why);
    auto& [authority, target] = std::get<ask::destination>(found);
    const bool whole_server = target == "*";
    const std::string host(without_root_dot(authority.host));
    const auto base = without_root_dot(settings.base.authority.host);
    if (host == base) {
        const bool is_direct = target == talk::direct_path;
        if (whole_server || is_direct) {
            route r;
            r.what = is_direct ? route::kind::direct : route::kind::server;
            return r;
        }
        if (settings.addressing == addressing::host) return refuse(refusal::unknown_site);
        return by_path(head, std::move(target), std::move(authority));
    }
    const auto name = name_under(host, base);
    if (name && settings.addressing == addressing::path) return refuse(refusal::unknown_site);
    if (name) return to_site(*name, "", std::move(target), std::move(authority));
    if (!is_own_host(host, base)) return refuse(refusal::unknown_site);
    route r;
    r.what = route::kind::own_host;
    r.target = std::move(target);
    r.authority = std::move(authority);
    r.authority.host = host;
    return r;
}

std::string site_url(const route_settings& settings, std::string_view name) {
    const auto& base = settings.base;
    std::string url = base.scheme + "://";
    if (settings.addressing != addressing::path) url.append(name) += '.';
    url += http::to_text(base.authority);
    url += '/';
    if (settings.addressing == addressing::path) url.append(name) += '/';
    return url;
}

}  // namespace crosstalk::gateway
