// Reading X-Forwarded-* from the right, as far as the hands are trusted.
#include "gateway/client_address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "http/syntax.hpp"

namespace crosstalk::gateway {

namespace {

using address_bytes = std::array<unsigned char, 16>;

std::optional<address_bytes> parse_address(std::string_view text, bool* is_v4 = nullptr) {
    const std::string terminated(text);
    if (terminated.find('\0') != std::string::npos) return std::nullopt;
    address_bytes bytes{};
    in_addr v4{};
    if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
        bytes[10] = bytes[11] = 0xff;
        std::memcpy(bytes.data() + 12, &v4, 4);
        if (is_v4 != nullptr) *is_v4 = true;
        return bytes;
    }
    if (inet_pton(AF_INET6, terminated.c_str(), bytes.data()) == 1) {
        if (is_v4 != nullptr) *is_v4 = false;
        return bytes;
    }
    return std::nullopt;
}

/// As everybody writes it (RFC 5952); IPv4 inside IPv6 as IPv4.
std::string text_of(const address_bytes& bytes) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const address_bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    const bool is_v4 = std::equal(bytes.begin(), bytes.begin() + 12, mapped.begin());
    inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes.data() + (is_v4 ? 12 : 0), text.data(), text.size());
    return text.data();
}

bool same_prefix(const address_bytes& a, const address_bytes& b, unsigned bits) {
    const unsigned whole = bits / 8, rest = bits % 8;
    if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
    if (rest == 0) return true;
    const unsigned shift = 8 - rest;
    return (a[whole] >> shift) == (b[whole] >> shift);
}

/// An item of X-Forwarded-For without port and brackets.
std::string_view bare_address(std::string_view item) {
    if (item.starts_with('[')) return item.substr(1, item.find(']') - 1);
    const auto colon = item.find(':');
    if (colon != std::string_view::npos && item.find(':', colon + 1) == std::string_view::npos) {
        return item.substr(0, colon);
    }
    return item;
}

/// All items of every field of that name, left to right.
std::vector<std::string_view> items_of(const http::fields& headers, std::string_view name) {
    std::vector<std::string_view> items;
    for (const auto& field : headers) {
        if (!http::iequals(field.name, name)) continue;
        std::string_view rest = field.value;
        while (auto item = http::next_item(rest)) items.push_back(*item);
    }
    return items;
}

}  // namespace

std::optional<proxy_list> proxy_list::parse(const std::vector<std::string>& entries, std::string& bad) {
    proxy_list list;
    for (const auto& entry : entries) {
        if (entry == "unix") {
            list.unix_ = true;
            continue;
        }
        bad = entry;
        const auto slash = entry.find('/');
        bool is_v4 = false;
        const auto address = parse_address(std::string_view(entry).substr(0, slash), &is_v4);
        if (!address) return std::nullopt;
        const unsigned most = is_v4 ? 32 : 128;
        unsigned bits = most;
        if (slash != std::string::npos) {
            const char* end = entry.data() + entry.size();
            const auto read = std::from_chars(entry.data() + slash + 1, end, bits);
            if (read.ec != std::errc() || read.ptr != end || bits > most) return std::nullopt;
        }
        list.networks_.push_back({*address, is_v4 ? bits + 96 : bits});
    }
    bad.clear();
    return list;
}

bool proxy_list::trusts(std::string_view address) const {
    if (address.empty()) return unix_;
    if (networks_.empty()) return false;
    const auto bytes = parse_address(address);
    return bytes && std::any_of(networks_.begin(), networks_.end(),
                                [&](const network& n) { return same_prefix(n.bytes, *bytes, n.bits); });
}

client_address find_client(client_address connected, const http::fields& headers,
                           const proxy_list& proxies) {
    client_address client = std::move(connected);
    if (proxies.empty() || !proxies.trusts(client.address)) return client;
    const auto protocols = items_of(headers, "X-Forwarded-Proto");
    for (const char* scheme : {"http", "https"}) {
        if (!protocols.empty() && http::iequals(protocols.back(), scheme)) client.scheme = scheme;
    }
    const auto hops = items_of(headers, "X-Forwarded-For");
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const auto told = parse_address(bare_address(*hop));
        if (!told) break;
        client.address = text_of(*told);
        client.port = 0;
        if (!proxies.trusts(client.address)) break;
    }
    return client;
}

}  // namespace crosstalk::gateway
