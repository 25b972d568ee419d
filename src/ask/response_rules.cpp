// Response rules.
#include "ask/response_rules.hpp"

#include <algorithm>
#include <array>

#include "http/date.hpp"
#include "http/hop_by_hop.hpp"
#include "http/syntax.hpp"
#include "http/writer.hpp"

namespace crosstalk::ask {

namespace {

constexpr std::string_view sandbox = "sandbox allow-scripts allow-forms";

/// Fields that speak for the whole origin, and so for the neighbours under other paths.
bool is_origin_wide(std::string_view name) noexcept {
    constexpr std::array<std::string_view, 5> names = {"Alt-Svc", "Clear-Site-Data",
                                                       "Origin-Agent-Cluster", "Service-Worker-Allowed",
                                                       "Strict-Transport-Security"};
    return std::any_of(names.begin(), names.end(), [&](auto n) { return http::iequals(n, name); });
}

bool has_usable_length(const http::fields& headers) {
    const auto* length = headers.find("Content-Length");
    if (length == nullptr) return true;
    return headers.count("Content-Length") == 1 && !length->empty() && length->size() <= 16 &&
           std::all_of(length->begin(), length->end(), http::is_digit);
}

/// Whether there is one Date, and it is one (RFC 9110, 6.6.1).
bool has_usable_date(const http::fields& headers, std::int64_t now) {
    return headers.count("Date") == 1 && http::parse_date(headers.get("Date"), now).has_value();
}

/// The next part of a cookie. Semicolons count inside quotes too: browsers take them so (RFC
/// 6265, 5.2).
std::optional<std::string_view> next_part(std::string_view& rest) {
    if (rest.data() == nullptr) return std::nullopt;
    const auto end = rest.find(';');
    const auto part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return http::trim(part);
}

std::string path_below(std::string_view path, std::string_view script_name) {
    const bool inside = path.starts_with(script_name) &&
                        (path.size() == script_name.size() || path[script_name.size()] == '/');
    if (inside) return std::string(path);
    std::string below(script_name);
    below += path.starts_with('/') ? path : std::string_view("/");
    return below;
}

void remove_origin_wide(http::fields& headers) {
    headers.remove_if([](const auto& f) { return is_origin_wide(f.name); });
}

/// Cookies by which the gateway knows visitors: nobody else sets them.
bool is_gateways_cookie(const http::field& f) {
    if (!http::iequals(f.name, "Set-Cookie")) return false;
    // Browsers leave white space out, and some of them a name that is empty.
    const auto begin = std::min(f.value.find_first_not_of(" \t="), f.value.size());
    const auto cookie = std::string_view(f.value).substr(begin);
    return cookie.starts_with("__Host-crosstalk") || cookie.starts_with("crosstalk-visitor") ||
           cookie.starts_with("crosstalk-login");
}

void confine_cookies(http::fields& headers, std::string_view script_name) {
    headers.remove_if(is_gateways_cookie);
    headers.for_each([&](http::field& f) {
        if (http::iequals(f.name, "Set-Cookie")) f.value = confine_cookie(f.value, script_name);
    });
}

}  // namespace

std::string confine_cookie(std::string_view value, std::string_view script_name) {
    std::string out;
    std::string_view path;
    bool first = true;
    while (auto part = next_part(value)) {
        const auto name = http::trim(part->substr(0, part->find('=')));
        const bool is_path = http::iequals(name, "Path");
        if (!first && is_path) {
            const auto equals = part->find('=');
            path = equals == std::string_view::npos ? std::string_view()
                                                    : http::trim(part->substr(equals + 1));
        }
        const bool dropped = http::iequals(name, "Domain") || (is_path && !script_name.empty());
        if (first || !dropped) {
            if (!first) out += "; ";
            out += *part;
        }
        first = false;
    }
    if (!script_name.empty()) out += "; Path=" + path_below(path, script_name);
    return out;
}

std::optional<http::response_head> shape_response(talk::response_start start,
                                                  std::string_view script_name, std::int64_t now) {
    if (start.status < 200 || start.status > 599) return std::nullopt;
    if (!http::is_safe(start.headers) || !has_usable_length(start.headers)) return std::nullopt;
    const bool shares_origin = !script_name.empty();
    if (shares_origin) remove_origin_wide(start.headers);
    confine_cookies(start.headers, script_name);
    http::response_head head;
    head.status = start.status;
    head.headers = std::move(start.headers);
    http::remove_hop_by_hop(head.headers);
    if (head.status == 204) head.headers.remove("Content-Length");  // RFC 9110, 8.6
    if (shares_origin) head.headers.add("Content-Security-Policy", std::string(sandbox));
    if (!has_usable_date(head.headers, now)) head.headers.set("Date", http::format_date(now));
    return head;
}

std::optional<http::response_head> shape_switch(talk::response_start start,
                                                std::string_view script_name) {
    if (start.status != 101 || !http::is_safe(start.headers)) return std::nullopt;
    if (!script_name.empty()) remove_origin_wide(start.headers);
    confine_cookies(start.headers, script_name);
    http::response_head head;
    head.status = start.status;
    head.headers = std::move(start.headers);
    http::remove_hop_by_hop(head.headers);
    head.headers.remove("Content-Length");
    head.headers.add("Connection", "Upgrade");
    head.headers.add("Upgrade", "websocket");
    return head;
}

}  // namespace crosstalk::ask
