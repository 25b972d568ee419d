// Fuzzes what is read of forwarded fields, and what apps are told: X-Forwarded-* of a trusted proxy,
// over a request object, to the fields that a peer writes.
//
// The first byte chooses who connects and who is trusted; then fields, a line each, as `f` (for), `p`
// (proto), `h` (Host), `v` (Via) or any other letter (Forwarded), and the value.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cgi/environ.hpp"
#include "cgi/incoming.hpp"
#include "cgi/visitor_fields.hpp"
#include "gateway/client_address.hpp"
#include "http/syntax.hpp"

namespace {

using namespace crosstalk;
using gateway::client_address;

void require(bool promise) {
    if (!promise) std::abort();
}

bool is_address(const std::string& text) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(AF_INET, text.c_str(), bytes.data()) == 1 ||
           inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1;
}

http::fields read_fields(std::string_view text) {
    http::fields headers;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.empty()) continue;
        const std::string_view name = line[0] == 'f'   ? "X-Forwarded-For"
                                      : line[0] == 'p' ? "X-Forwarded-Proto"
                                      : line[0] == 'h' ? "Host"
                                      : line[0] == 'v' ? "Via"
                                                       : "Forwarded";
        const auto value = http::trim(line.substr(1));
        if (http::is_field_value(value)) headers.add(std::string(name), std::string(value));
    }
    return headers;
}

/// Takes a token or a quoted string off `rest` (RFC 7239, 4).
bool take_value(std::string_view& rest) {
    if (!rest.starts_with('"')) {
        const auto end = rest.find(';');
        const auto token = rest.substr(0, end);
        rest.remove_prefix(std::min(end, rest.size()));
        return http::is_token(token);
    }
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '\\') {
            ++i;
        } else if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return true;
        }
    }
    return false;
}

bool take_pair(std::string_view& rest, std::string_view name) {
    if (!rest.starts_with(name)) return false;
    rest.remove_prefix(name.size());
    return take_value(rest);
}

/// One element, with exactly these parameters.
bool is_ours(std::string_view forwarded, bool has_host) {
    if (!take_pair(forwarded, "for=")) return false;
    if (has_host && !take_pair(forwarded, ";host=")) return false;
    return take_pair(forwarded, ";proto=") && forwarded.empty();
}

/// What stands left of the first stranger is the stranger's word.
void check_left_is_nothing(const client_address& from, const http::fields& headers,
                           const gateway::proxy_list& trusted, const client_address& found) {
    const bool is_told = found.port == 0 && !trusted.trusts(found.address);
    if (!is_told) return;
    http::fields more{{"X-Forwarded-For", "10.9.9.9, 127.0.0.1"}};
    for (const auto& f : headers) more.add(f.name, f.value);
    require(find_client(from, more, trusted).address == found.address);
}

void check_app(const http::fields& headers, const client_address& client) {
    cgi::request_facts facts;
    facts.target = "/";
    facts.scheme = client.scheme;
    facts.remote_addr = client.address;
    const auto environ = cgi::make_environ({"GET", "/", 1, headers}, facts);
    if (environ.has_error()) return;  // Host came twice
    auto request = cgi::read_incoming(*environ, cgi::sender::gateway, "http.example.org");
    require(request.has_value());
    auto told = request->headers;
    cgi::tell_of_visitor(told, *request);
    for (const char* name : {"Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "Via"})
        require(told.count(name) == 1);
    require(is_ours(told.get("Forwarded"), told.find("Host") != nullptr));
    require(told.get("X-Forwarded-For") == client.address);
    require(told.get("X-Forwarded-Proto") == client.scheme);
    require(told.get("Via").ends_with("1.1 crosstalk"));
    for (const auto& f : told) require(http::is_field_value(f.value));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const auto headers = read_fields({reinterpret_cast<const char*>(bytes) + 1, size - 1});
    const std::string address = (bytes[0] & 1) != 0 ? "::1" : "127.0.0.1";
    const client_address from{address, 40000, (bytes[0] & 2) != 0 ? "https" : "http"};
    std::string bad;
    const auto trusted = gateway::proxy_list::parse(
        (bytes[0] & 4) != 0 ? std::vector<std::string>{"127.0.0.0/8", "::1", "10.0.0.0/8"}
                            : std::vector<std::string>{"192.0.2.1"},
        bad);
    require(trusted.has_value());
    const auto found = find_client(from, headers, *trusted);
    require(is_address(found.address));
    require(found.scheme == "http" || found.scheme == "https");
    if (!trusted->trusts(address))
        require(found.address == address && found.port == 40000 && found.scheme == from.scheme);
    // Written in one way: what is read of it is the same.
    require(find_client(from, {{"X-Forwarded-For", found.address}}, *trusted).address ==
            (trusted->trusts(address) ? found.address : address));
    check_left_is_nothing(from, headers, *trusted, found);
    check_app(headers, found);
    return 0;
}
