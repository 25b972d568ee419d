// See http_stanza.hpp.
#include "talk/http_stanza.hpp"

#include <algorithm>
#include <charconv>

#include "base/base64.hpp"
#include "http/status.hpp"
#include "http/syntax.hpp"
#include "talk/decoder.hpp"
#include "xmpp/characters.hpp"

namespace crosstalk::talk {
namespace {

using form = http_body::form;

constexpr std::size_t most_headers = 1024;
constexpr std::size_t most_name = 512;  ///< bytes of a stream's name
constexpr std::uint64_t most_number = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t least_chunk = 256, most_chunk = 65'536;
constexpr std::string_view white = " \t\r\n";

std::optional<std::uint64_t> read_number(std::string_view text, std::uint64_t most) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end || number > most) return std::nullopt;
    return number;
}

bool is_true(std::string_view text) { return text == "true" || text == "1"; }

/// xs:base64Binary may be broken into lines.
std::optional<std::string> read_base64(const std::string& text) {
    if (text.find_first_of(white) == std::string::npos) return base::from_base64(text);
    std::string joined = text;
    std::erase_if(joined, [](char c) { return white.find(c) != white.npos; });
    return base::from_base64(joined);
}

result<http::fields> read_headers(const xmpp::element& parent) {
    http::fields out;
    const auto* const headers = parent.child("headers", xmpp::ns::shim);
    if (headers == nullptr) return out;
    for (const auto& one : headers->children()) {
        if (!one.is("header", xmpp::ns::shim)) continue;
        const std::string_view name = one.attr("name");
        std::string_view value = one.text();
        value.remove_prefix(std::min(value.find_first_not_of(white), value.size()));
        value = value.substr(0, value.find_last_not_of(white) + 1);
        if (!http::is_token(name) || !http::is_field_value(value) || out.size() == most_headers)
            return errc::bad_http_header;
        out.add(std::string(name), std::string(value));
    }
    return out;
}

/// What is inside `<xml>`, as XML that stands for itself.
std::string inner_xml(const xmpp::element& xml) {
    if (xml.children().empty()) return xml.text();
    std::string out;
    for (const auto& child : xml.children()) child.write_document(out);
    return out;
}

result<http_body> read_stream_name(form how, std::string_view name) {
    if (name.empty() || name.size() > most_name) return errc::malformed_http;
    return http_body{how, {}, std::string(name)};
}

result<http_body> read_body(const xmpp::element& parent) {
    const auto* const data = parent.child("data", xmpp::ns::http);
    if (data == nullptr || data->children().empty()) return http_body{};
    const auto& one = data->children().front();
    if (one.is("text", xmpp::ns::http)) return http_body{form::whole, one.text(), {}};
    if (one.is("xml", xmpp::ns::http)) return http_body{form::whole, inner_xml(one), {}};
    if (one.is("base64", xmpp::ns::http)) {
        auto bytes = read_base64(one.text());
        if (!bytes) return errc::bad_base64;
        return http_body{form::whole, *std::move(bytes), {}};
    }
    if (one.is("chunkedBase64", xmpp::ns::http))
        return read_stream_name(form::chunks, one.attr("streamId"));
    if (one.is("ibb", xmpp::ns::http)) return read_stream_name(form::bytestream, one.attr("sid"));
    return errc::unoffered_encoding;
}

// Writing

xmpp::element make(std::string_view name, std::string_view ns = xmpp::ns::http) {
    return {std::string(name), std::string(ns)};
}

void add_headers(xmpp::element& parent, const http::fields& headers) {
    if (headers.empty()) return;
    auto& list = parent.add(make("headers", xmpp::ns::shim));
    for (const auto& f : headers)
        list.add(make("header", xmpp::ns::shim)).set("name", f.name).set_text(header_text(f.value));
}

/// Whether the body means the same as text: readers may go by the charset, and XML drops raw CRs.
bool may_be_text(std::string_view bytes, const http::fields& headers) {
    if (bytes.find('\r') != bytes.npos || !xmpp::is_legal_text(bytes)) return false;
    const bool is_ascii =
        std::ranges::all_of(bytes, [](char c) { return static_cast<signed char>(c) >= 0; });
    const std::string* const type = headers.find("Content-Type");
    if (type == nullptr) return is_ascii;
    std::string lower = *type;
    std::ranges::transform(lower, lower.begin(), http::to_lower);
    const auto charset = lower.find("charset=");
    if (charset == std::string::npos) return is_ascii;
    const auto name = std::string_view(lower).substr(charset);
    return name.starts_with("charset=utf-8") || name.starts_with("charset=\"utf-8\"");
}

void add_body(xmpp::element& parent, const http_body& body, const http::fields& headers) {
    if (body.how == form::none) return;
    auto& data = parent.add(make("data"));
    if (body.how == form::chunks)
        data.add(make("chunkedBase64")).set("streamId", body.stream);
    else if (may_be_text(body.bytes, headers))
        data.add(make("text")).set_text(body.bytes);
    else
        data.add(make("base64")).set_text(base::to_base64(body.bytes));
}

}  // namespace

std::string header_text(std::string_view value) {
    if (xmpp::is_legal_text(value)) return std::string(value);
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else {
            out += static_cast<char>(0xC0 | (byte >> 6));
            out += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return out;
}

std::size_t cost_of(std::string_view stanza) noexcept {
    return stanza.size() + 5 * static_cast<std::size_t>(std::ranges::count(stanza, '"'));
}

result<http_request> read_http_request(const xmpp::element& req) {
    http_request out;
    out.method = req.attr("method");
    out.resource = req.attr("resource");
    out.version_minor = req.attr("version") == "1.0" ? 0 : 1;
    if (!http::is_token(out.method) || out.resource.empty()) return errc::malformed_http;
    if (req.has_attr("maxChunkSize")) {
        const auto most = read_number(req.attr("maxChunkSize"), most_number);
        if (!most || *most < least_chunk) return errc::malformed_http;
        out.max_chunk = static_cast<std::size_t>(std::min<std::uint64_t>(*most, most_chunk));
    }
    auto headers = read_headers(req);
    if (!headers) return headers.error();
    auto body = read_body(req);
    if (!body) return body.error();
    out.headers = *std::move(headers);
    out.body = *std::move(body);
    return out;
}

result<http_response> read_http_response(const xmpp::element& resp) {
    const auto status = read_number(resp.attr("statusCode"), 599);
    if (!status || *status < 200) return errc::malformed_http;
    auto headers = read_headers(resp);
    if (!headers) return headers.error();
    auto body = read_body(resp);
    if (!body) return body.error();
    http_response out;
    out.start.status = static_cast<unsigned>(*status);
    out.start.headers = *std::move(headers);
    out.body = *std::move(body);
    return out;
}

result<http_chunk> read_http_chunk(const xmpp::element& chunk) {
    const auto number = read_number(chunk.attr("nr"), most_number);
    if (!number) return errc::malformed_http;
    auto bytes = read_base64(chunk.text());
    if (!bytes) return errc::bad_base64;
    return http_chunk{std::string(chunk.attr("streamId")), *number, is_true(chunk.attr("last")),
                      *std::move(bytes)};
}

result<stream_block> read_stream_block(const xmpp::element& data) {
    const auto sequence = read_number(data.attr("seq"), 65'535);
    if (!sequence) return errc::malformed_http;
    auto bytes = read_base64(data.text());
    if (!bytes) return errc::bad_base64;
    return stream_block{std::string(data.attr("sid")), static_cast<std::uint16_t>(*sequence),
                        *std::move(bytes)};
}

xmpp::element to_element(const http_request& request) {
    auto req = make("req");
    req.set("method", request.method).set("resource", request.resource);
    req.set("version", request.version_minor == 0 ? "1.0" : "1.1");
    req.set("maxChunkSize", std::to_string(request.max_chunk));
    req.set("sipub", "false").set("ibb", "true").set("jingle", "false").set("s5", "false");
    add_headers(req, request.headers);
    add_body(req, request.body, request.headers);
    return req;
}

xmpp::element to_element(const http_response& response) {
    auto resp = make("resp");
    resp.set("version", "1.1").set("statusCode", std::to_string(response.start.status));
    if (const auto phrase = http::reason_phrase(response.start.status); !phrase.empty())
        resp.set("statusMessage", std::string(phrase));
    add_headers(resp, response.start.headers);
    add_body(resp, response.body, response.start.headers);
    return resp;
}

xmpp::element to_element(const http_chunk& chunk) {
    auto out = make("chunk");
    out.set("streamId", chunk.stream).set("nr", std::to_string(chunk.number));
    if (chunk.is_last) out.set("last", "true");
    out.set_text(base::to_base64(chunk.bytes));
    return out;
}

}  // namespace crosstalk::talk
