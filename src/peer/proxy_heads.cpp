// Mapping heads between the visitor's view of a site and the app's.
#include "peer/proxy_heads.hpp"

#include <algorithm>

#include "cgi/visitor_fields.hpp"
#include "http/hop_by_hop.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"

namespace crosstalk::peer {
namespace {

std::string authority_of(const http_target& app) {
    if (!app.unix_path.empty()) return "localhost";
    const bool is_v6 = app.host.find(':') != std::string::npos && app.host.front() != '[';
    const bool is_usual = app.port == (app.tls ? 443 : 80);
    std::string text = is_v6 ? '[' + app.host + ']' : app.host;
    if (!is_usual) text.append(":").append(std::to_string(app.port));
    return text;
}

std::string app_target(const cgi::incoming_request& request, const http_target& app) {
    if (request.target == "*") return "*";
    const auto below = std::string_view{request.target}.substr(request.script_name.size());
    return app.base_path + (below.starts_with('/') ? "" : "/") + std::string{below};
}

/// Whether an absolute address of that scheme and authority means the app itself.
bool is_own_origin(std::string_view scheme, const http::authority& where,
                   const cgi::incoming_request& request, const http_target& app) {
    const bool is_tls = http::iequals(scheme, "https");
    const std::uint16_t port = where.port != 0 ? where.port : is_tls ? 443 : 80;
    const auto own = http::parse_authority(authority_of(app));
    if (app.unix_path.empty() && own && own->host == where.host && port == app.port &&
        is_tls == app.tls) {
        return true;
    }
    // An app that takes Host for its own name, under the scheme that it or the visitor uses. Any other
    // is meant: to map a redirection to https away would repeat it for ever.
    const auto* host = request.headers.find("Host");
    const auto visible = host != nullptr ? http::parse_authority(*host) : std::nullopt;
    const bool is_used = http::iequals(scheme, request.scheme) || is_tls == app.tls;
    return visible && visible->host == where.host && visible->port == where.port && is_used;
}

/// A path of the app as the visitor has to ask for it. Nothing when it lies outside the base path.
std::optional<std::string> visitor_path(std::string_view path, const cgi::incoming_request& request,
                                        const http_target& app) {
    if (!path.starts_with(app.base_path)) return std::nullopt;
    path.remove_prefix(app.base_path.size());
    const bool is_cut_in_a_name =
        !path.empty() && std::string_view{"/?#"}.find(path.front()) == path.npos;
    if (is_cut_in_a_name) return std::nullopt;
    const bool needs_slash = !path.starts_with('/');
    std::string mapped = request.script_name + (needs_slash ? "/" : "") + std::string{path};
    // Two slashes in front would name another host.
    return mapped.starts_with("//") ? "/." + mapped : mapped;
}

/// A Location as the visitor has to read it.
std::string visitor_location(const std::string& value, const cgi::incoming_request& request,
                             const http_target& app) {
    std::string_view rest = value;
    const bool is_path = rest.starts_with('/') && !rest.starts_with("//");
    if (!is_path) {
        const auto colon = rest.find("://");
        const auto scheme =
            colon == std::string_view::npos ? std::string_view{} : rest.substr(0, colon);
        if (!http::iequals(scheme, "http") && !http::iequals(scheme, "https")) return value;
        rest.remove_prefix(colon + 3);
        const auto end = std::min(rest.find_first_of("/?#"), rest.size());
        const auto where = http::parse_authority(rest.substr(0, end));
        if (!where || !is_own_origin(scheme, *where, request, app)) return value;
        rest.remove_prefix(end);
    }
    return visitor_path(rest, request, app).value_or(value);
}

/// A Set-Cookie whose Path attribute is the visitor's.
std::string visitor_cookie(const std::string& value, const cgi::incoming_request& request,
                           const http_target& app) {
    std::string_view rest = value;
    auto end = std::min(rest.find(';'), rest.size());
    std::string out{rest.substr(0, end)};
    while (end < rest.size()) {
        rest.remove_prefix(end + 1);
        end = std::min(rest.find(';'), rest.size());
        const auto part = rest.substr(0, end);
        const auto equals = std::min(part.find('='), part.size());
        const bool is_path = http::iequals(http::trim(part.substr(0, equals)), "Path");
        const auto path = is_path && equals < part.size() ? http::trim(part.substr(equals + 1)) : "";
        const auto mapped = path.starts_with('/') ? visitor_path(path, request, app) : std::nullopt;
        out.append(";").append(mapped ? " Path=" + *mapped : std::string{part});
    }
    return out;
}

}  // namespace

std::string name_of(const http_target& app) {
    if (!app.unix_path.empty()) return "unix:" + app.unix_path;
    return (app.tls ? "https://" : "http://") + authority_of(app);
}

http::request_head app_request(const cgi::incoming_request& request, const http_target& app,
                               const body_framing& body) {
    http::request_head head;
    head.method = request.method;
    head.target = app_target(request, app);
    head.headers = request.headers;
    auto& headers = head.headers;
    http::remove_hop_by_hop(headers);
    if (headers.count("Host") == 0) headers.add("Host", authority_of(app));
    cgi::tell_of_visitor(headers, request);
    if (request.websocket) {
        headers.add("Connection", "Upgrade");
        headers.add("Upgrade", "websocket");
    }
    if (body.is_chunked) {
        headers.add("Transfer-Encoding", "chunked");
    } else if (body.length) {
        headers.add("Content-Length", std::to_string(*body.length));
    }
    return head;
}

std::optional<talk::response_start> visitor_response(http::response_head head,
                                                     const cgi::incoming_request& request,
                                                     const http_target& app) {
    const bool is_switch =
        head.status == 101 && request.websocket && http::is_websocket_upgrade(head.headers);
    if (!is_switch && (head.status < 200 || head.status > 599)) return std::nullopt;
    http::remove_hop_by_hop(head.headers);
    if (is_switch) head.headers.add("Upgrade", "websocket");
    talk::response_start start;
    start.status = head.status;
    start.headers = std::move(head.headers);
    start.headers.for_each([&](http::field& f) {
        const bool is_address =
            http::iequals(f.name, "Location") || http::iequals(f.name, "Content-Location");
        if (is_address) f.value = visitor_location(f.value, request, app);
        if (http::iequals(f.name, "Set-Cookie")) f.value = visitor_cookie(f.value, request, app);
    });
    return start;
}

}  // namespace crosstalk::peer
