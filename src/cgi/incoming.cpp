// From a request object to a request; the rules stand in the header.
#include "cgi/incoming.hpp"

#include <algorithm>

#include "cgi/checks.hpp"
#include "http/hop_by_hop.hpp"
#include "http/syntax.hpp"

namespace crosstalk::cgi {
namespace {

constexpr std::string_view http_prefix = "HTTP_";

/// "HTTP_ACCEPT_LANGUAGE" -> "Accept-Language"; nothing for what is no `HTTP_[A-Z0-9_]+`.
std::optional<std::string> field_name(std::string_view variable_name) {
    if (!variable_name.starts_with(http_prefix) || variable_name == http_prefix) return std::nullopt;
    std::string name;
    bool is_first = true;
    for (char const c : variable_name.substr(http_prefix.size())) {
        bool const is_letter = c >= 'A' && c <= 'Z';
        if (!is_letter && !http::is_digit(c) && c != '_') return std::nullopt;
        name.push_back(c == '_' ? '-' : is_first ? c : http::to_lower(c));
        is_first = c == '_';
    }
    return name;
}

bool may_pass(std::string_view name, sender who) {
    if (is_never_passed(name)) return false;
    // These two have variables of their own; under these names they would be somebody's second opinion.
    if (http::iequals(name, "Content-Length") || http::iequals(name, "Content-Type")) return false;
    return who == sender::gateway || !is_forwarded(name);
}

result<void> read_target(environ_map const& request, incoming_request& out) {
    out.target = request.get("REQUEST_URI");
    out.script_name = request.get("SCRIPT_NAME");
    bool const is_prefix =
        out.script_name.empty() || (out.script_name.front() == '/' && out.script_name.back() != '/' &&
                                    http::is_visible(out.script_name));
    auto const split = split_target(out.method, out.target, out.script_name);
    if (!split) return split.error();
    bool const does_agree = request.get("NON_QUERY_URI") == split->path &&
                            request.get("PATH_INFO") == split->path_info &&
                            request.get("QUERY_STRING") == split->query;
    // An encoded prefix would decode to another name than the one that was routed.
    if (!is_prefix || !does_agree || out.script_name.find('%') != std::string::npos)
        return errc::inconsistent_target;
    out.path_info = split->path_info;
    out.query = split->query;
    return {};
}

result<void> read_protocol(environ_map const& request, incoming_request& out) {
    std::string_view const protocol = request.get("SERVER_PROTOCOL");
    bool const is_http = protocol == "HTTP/1.0" || protocol == "HTTP/1.1";
    if (!is_http) return errc::bad_protocol;
    out.version_minor = protocol.back() == '0' ? 0 : 1;
    return {};
}

result<void> read_fields(environ_map const& request, sender who, incoming_request& out) {
    for (variable const& v : request) {
        auto name = field_name(v.name);
        if (!name || !may_pass(*name, who)) continue;
        if (!is_value(v)) return errc::bad_field_value;
        out.headers.add(std::move(*name), v.value);
    }
    const bool is_upgrade = http::is_websocket_upgrade(out.headers);
    http::remove_hop_by_hop(out.headers);
    if (auto const type = request.get("CONTENT_TYPE"); !type.empty())
        out.headers.add("Content-Type", std::string(type));
    if (const std::string* const length = request.find("CONTENT_LENGTH")) {
        out.content_length = parse_content_length(*length);
        if (!out.content_length) return errc::bad_content_length;
    }
    out.websocket = is_upgrade && out.method == "GET" && out.version_minor == 1 &&
                    out.content_length.value_or(0) == 0;
    return {};
}

void read_facts(environ_map const& request, incoming_request& out) {
    out.auth_type = request.get("AUTH_TYPE");
    out.remote_user = request.get("REMOTE_USER");
    out.remote_addr = request.get("REMOTE_ADDR");
    out.remote_port = request.get("REMOTE_PORT");
    out.server_name = request.get("SERVER_NAME");
    out.server_port = request.get("SERVER_PORT");
    out.server_software = request.get("SERVER_SOFTWARE");
    if (auto const scheme = request.get("wsgi.url_scheme"); scheme == "http" || scheme == "https")
        out.scheme = scheme;
}

}  // namespace

result<incoming_request> read_incoming(const environ_map& request, sender who, std::string_view from) {
    incoming_request out;
    out.method = request.get("REQUEST_METHOD");
    if (!http::is_token(out.method)) return errc::bad_method;
    for (auto const name : {"CONTENT_TYPE", "AUTH_TYPE", "REMOTE_USER", "REMOTE_ADDR", "REMOTE_PORT",
                            "SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE", "PATH_INFO"})
        if (const std::string* const value = request.find(name); value && !is_value({name, *value}))
            return errc::bad_field_value;
    if (auto read = read_target(request, out); !read) return read.error();
    if (auto read = read_protocol(request, out); !read) return read.error();
    if (auto read = read_fields(request, who, out); !read) return read.error();
    if (who == sender::gateway) {
        read_facts(request, out);
    } else {
        out.auth_type = "XMPP";
        out.remote_user = from.substr(0, from.find('/'));
    }
    return out;
}

}  // namespace crosstalk::cgi
