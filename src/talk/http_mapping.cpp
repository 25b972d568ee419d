// See http_mapping.hpp.
#include "talk/http_mapping.hpp"

#include <algorithm>
#include <array>

#include "cgi/checks.hpp"
#include "cgi/environ.hpp"
#include "cgi/incoming.hpp"
#include "cgi/visitor_fields.hpp"
#include "http/target.hpp"
#include "talk/decoder.hpp"

namespace crosstalk::talk {
namespace {

/// `Method` of the XEP's schema.
bool is_in_schema(std::string_view method) {
    constexpr std::array<std::string_view, 8> methods{"OPTIONS", "GET",    "HEAD",  "POST",
                                                      "PUT",     "DELETE", "TRACE", "PATCH"};
    return std::ranges::find(methods, method) != methods.end();
}

std::string below(const cgi::incoming_request& request) {
    if (request.target == "*") return "*";
    const auto rest = std::string_view(request.target).substr(request.script_name.size());
    return (rest.starts_with('/') ? "" : "/") + std::string(rest);
}

}  // namespace

result<http_request> to_http_request(const cgi::environ_map& request) {
    auto read = cgi::read_incoming(request, cgi::sender::gateway, {});
    if (!read) return read.error();
    if (!is_in_schema(read->method)) return errc::unsupported_method;
    http_request out;
    out.method = read->method;
    out.resource = below(*read);
    out.version_minor = read->version_minor;
    out.headers = read->headers;
    cgi::tell_of_visitor(out.headers, *read);
    if (read->content_length) out.headers.add("Content-Length", std::to_string(*read->content_length));
    return out;
}

result<cgi::environ_map> to_request_object(const http_request& asked, std::string_view own_name) {
    http::request_head head{asked.method, asked.resource, asked.version_minor, asked.headers};
    if (head.headers.count("Host") == 0) head.headers.add("Host", std::string(own_name));
    cgi::request_facts facts;
    facts.target = asked.resource;
    facts.server_name = own_name;
    if (const auto host = http::parse_authority(*head.headers.find("Host"))) {
        facts.server_name = host->host;
        if (host->port != 0) facts.server_port = host->port;
    }
    for (const auto& f : asked.headers)
        if (cgi::is_forwarded(f.name)) facts.forwarded.add(f.name, f.value);
    return cgi::make_environ(head, facts);
}

void put_below(http::fields& headers, std::string_view script_name) {
    if (script_name.empty()) return;
    headers.for_each([&](http::field& f) {
        const bool is_address =
            http::iequals(f.name, "Location") || http::iequals(f.name, "Content-Location");
        const bool is_path = f.value.starts_with('/') && !f.value.starts_with("//");
        if (is_address && is_path) f.value.insert(0, script_name);
    });
}

}  // namespace crosstalk::talk
