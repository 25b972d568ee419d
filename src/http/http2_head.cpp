// See http2_head.hpp.
#include "http/http2_head.hpp"

#include <utility>

#include "http/framing.hpp"
#include "http/head_lines.hpp"
#include "http/hop_by_hop.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"

namespace crosstalk::http {
namespace {

constexpr std::size_t line_overhead = 4;  ///< what HTTP/1 has around a field: ": " and CRLF

}  // namespace

void http2_head_reader::add(std::string_view name, std::string_view value) {
    bytes_ += name.size() + value.size() + line_overhead;
    if (name == ":method" && value.size() <= limits_.head) method_ = value;
    if (failure_) return;
    // A long target is the target's fault, not that of the fields.
    if (name == ":path") {
        if (value.size() > limits_.uri) failure_ = errc::uri_too_long;
        path_ = value.substr(0, limits_.uri);
        return;
    }
    head_bytes_ += name.size() + value.size() + line_overhead;
    if (head_bytes_ > limits_.head) {
        failure_ = errc::head_too_large;
    } else if (name == ":authority") {
        authority_ = value;
    } else if (name == ":protocol") {
        protocol_ = value;
    } else if (!name.starts_with(':')) {
        failure_ = add_field(name, value);
    }
}

error_code http2_head_reader::add_field(std::string_view name, std::string_view value) {
    fields& headers = request_.head.headers;
    if (headers.size() >= limits_.header_count) return errc::too_many_fields;
    if (!is_token(name)) return errc::bad_field_name;
    if (!is_field_value(value)) return errc::bad_field_value;
    if (is_singleton(name) && headers.find(name) != nullptr) return errc::doubled_field;
    if (name == "sec-websocket-key") return {};  // RFC 8441, 5: it has no meaning here
    headers.add(std::string(name), std::string(value));
    return {};
}

error_code http2_head_reader::settle_start() {
    request_.is_websocket = protocol_ == "websocket" && method_ == "CONNECT";
    if (!protocol_.empty() && !request_.is_websocket) return errc::unknown_protocol;
    const bool is_tunnel = method_ == "CONNECT" && !request_.is_websocket;
    std::string line = request_.is_websocket ? std::string("GET") : method_;
    line += ' ';
    line += is_tunnel ? authority_ : path_;
    line += " HTTP/1.1";
    return parse_request_line(line, limits_.uri, request_.head);
}

error_code http2_head_reader::settle_host() {
    fields& headers = request_.head.headers;
    const auto* host = headers.find("host");
    // RFC 9113, 8.3.1: two that differ would be two requests.
    if (host != nullptr && !authority_.empty() && !iequals(*host, authority_)) return errc::bad_host;
    if (host == nullptr && authority_.empty()) return errc::missing_host;
    if (host == nullptr) headers.add("host", authority_);
    if (!parse_authority(headers.get("host"))) return errc::bad_host;
    return {};
}

result<http2_request> http2_head_reader::finish() {
    if (failure_) return failure_;
    if (const auto wrong = settle_start()) return wrong;
    if (const auto wrong = settle_host()) return wrong;
    fields& headers = request_.head.headers;
    const auto framing = read_framing(headers, 1);
    if (framing.has_error()) return framing.error();
    if (framing->chunked) return make_error_code(errc::bad_transfer_encoding);
    request_.length = framing->length;
    request_.expects_continue = iequals(headers.get("expect"), "100-continue");
    if (request_.is_websocket) {
        headers.add("connection", "Upgrade");
        headers.add("upgrade", "websocket");
    }
    return std::move(request_);
}

std::vector<field> http2_fields(const response_head& head) {
    const bool is_switch = head.status == 101;
    std::vector<field> out;
    out.reserve(head.headers.size() + 1);
    out.push_back({":status", std::to_string(is_switch ? 200 : head.status)});
    for (const auto& [name, value] : head.headers) {
        if (is_hop_by_hop(name) || (is_switch && iequals(name, "Sec-WebSocket-Accept"))) continue;
        out.push_back({in_lower_case(name), std::string(trim(value))});
    }
    return out;
}

}  // namespace crosstalk::http
