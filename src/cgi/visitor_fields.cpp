// See visitor_fields.hpp.
#include "cgi/visitor_fields.hpp"

#include <algorithm>
#include <array>

#include "http/syntax.hpp"

namespace crosstalk::cgi {
namespace {

/// Whether two field names are the same to an app that reads them as CGI variables (`_` for `-`).
bool is_same_variable(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) {
               return (x == '_' ? '-' : http::to_lower(x)) == (y == '_' ? '-' : http::to_lower(y));
           });
}

bool is_address(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return http::hex_value(c) >= 0 || c == ':' || c == '.';
    });
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

void set_if_absent(http::fields& headers, std::string_view name, std::string value) {
    if (!value.empty() && headers.count(name) == 0) headers.add(std::string{name}, std::move(value));
}

/// RFC 7239 and its older kin. What is there already was passed on by the gateway from a proxy that its
/// operator trusts; it names the visitor already.
void add_forwarded(http::fields& headers, const incoming_request& request) {
    const auto* host = headers.find("Host");
    const std::string visitor = is_address(request.remote_addr) ? request.remote_addr : std::string{};
    std::string forwarded = "for=";
    if (visitor.empty()) {
        forwarded += "unknown";
    } else if (visitor.find(':') != std::string::npos) {
        forwarded.append("\"[").append(visitor).append("]\"");
    } else {
        forwarded += visitor;
    }
    if (host != nullptr) forwarded.append(";host=").append(quoted(*host));
    if (!request.scheme.empty()) forwarded.append(";proto=").append(request.scheme);
    const std::string host_text = host != nullptr ? *host : std::string{};
    set_if_absent(headers, "Forwarded", std::move(forwarded));
    set_if_absent(headers, "X-Forwarded-For", visitor);
    set_if_absent(headers, "X-Forwarded-Proto", request.scheme);
    set_if_absent(headers, "X-Forwarded-Host", host_text);
}

/// RFC 9110, 7.6.3: what passes a request on says so, behind those that did before.
void add_via(http::fields& headers, const incoming_request& request) {
    std::string via;
    for (const auto& f : headers) {
        if (!http::iequals(f.name, "Via") || f.value.empty()) continue;
        via.append(f.value).append(", ");
    }
    via.append(request.version_minor == 0 ? "1.0" : "1.1").append(" crosstalk");
    headers.set("Via", std::move(via));
}

}  // namespace

void tell_of_visitor(http::fields& headers, const incoming_request& request) {
    headers.remove_if([](const http::field& f) {
        constexpr std::array dropped{"Remote-User", "Expect", "Content-Length", "Proxy"};
        return std::ranges::any_of(dropped, [&](const char* n) { return is_same_variable(f.name, n); });
    });
    add_forwarded(headers, request);
    add_via(headers, request);
    if (!request.remote_user.empty()) headers.add("Remote-User", request.remote_user);
}

}  // namespace crosstalk::cgi
