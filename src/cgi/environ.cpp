// From a request to the request object; the rules stand in the header.
#include "cgi/environ.hpp"

#include <algorithm>

#include "cgi/checks.hpp"
#include "http/hop_by_hop.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"

namespace crosstalk::cgi {
namespace {

bool is_plain_name(std::string_view name) {
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || http::is_digit(c) || c == '-';
    });
}

bool stays_here(http::field const& f) {
    return !is_plain_name(f.name) || is_never_passed(f.name) || is_forwarded(f.name);
}

std::string variable_name(std::string_view field_name) {
    if (http::iequals(field_name, "Content-Type")) return "CONTENT_TYPE";
    if (http::iequals(field_name, "Content-Length")) return "CONTENT_LENGTH";
    std::string name = "HTTP_";
    for (char const c : field_name) {
        if (c == '-')
            name.push_back('_');
        else
            name.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
    return name;
}

/// SCRIPT_NAME and all that follows from the target.
result<void> add_target(environ_map& out, std::string_view method, request_facts const& facts) {
    auto const site = split_target(method, facts.target, facts.script_name);
    if (!site) return site.error();
    out.append("SCRIPT_NAME", facts.script_name);
    out.append("PATH_INFO", site->path_info);
    out.append("QUERY_STRING", std::string(site->query));
    out.append("REQUEST_URI", facts.target);
    out.append("NON_QUERY_URI", std::string(site->path));
    return {};
}

void add_facts(environ_map& out, request_facts const& facts) {
    out.append("SERVER_NAME", facts.server_name);
    out.append("SERVER_PORT", std::to_string(facts.server_port));
    out.append("SERVER_SOFTWARE", facts.server_software);
    out.append("GATEWAY_INTERFACE", "CGI/1.1");
    out.append("wsgi.url_scheme", facts.scheme);
    out.append("REMOTE_ADDR", facts.remote_addr);
    if (facts.remote_port != 0) out.append("REMOTE_PORT", std::to_string(facts.remote_port));
    if (facts.auth_type) out.append("AUTH_TYPE", *facts.auth_type);
    if (facts.remote_user) out.append("REMOTE_USER", *facts.remote_user);
}

result<void> add_field(environ_map& out, http::field const& f) {
    if (!http::is_field_value(f.value)) return errc::bad_field_value;
    std::string name = variable_name(f.name);
    const std::string* const earlier = out.find(name);
    if (name == "CONTENT_LENGTH" && !parse_content_length(f.value)) return errc::bad_content_length;
    if (earlier == nullptr) {
        out.append(std::move(name), f.value);
        return {};
    }
    if (http::is_singleton(f.name)) return errc::repeated_field;
    out.set(name, *earlier + (name == "HTTP_COOKIE" ? "; " : ", ") + f.value);
    return {};
}

}  // namespace

result<environ_map> make_environ(const http::request_head& head, const request_facts& facts) {
    environ_map out;
    if (!http::is_token(head.method)) return errc::bad_method;
    out.append("REQUEST_METHOD", head.method);
    if (auto added = add_target(out, head.method, facts); !added) return added.error();
    out.append("SERVER_PROTOCOL", head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1");
    add_facts(out, facts);
    if (std::any_of(out.begin(), out.end(), [](variable const& v) { return !is_value(v); }))
        return errc::bad_field_value;

    http::fields passed = head.headers;
    http::remove_hop_by_hop(passed);
    passed.remove_if(stays_here);
    for (http::field const& f : facts.forwarded) passed.add(f.name, f.value);
    for (http::field const& f : passed)
        if (auto added = add_field(out, f); !added) return added.error();
    if (facts.websocket) {
        out.append("HTTP_UPGRADE", "websocket");
        out.append("HTTP_CONNECTION", "Upgrade");
    }
    return out;
}

}  // namespace crosstalk::cgi
