// See proxy_header.hpp; the format is HAProxy's proxy-protocol.txt.
#include "http/proxy_header.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "http/error.hpp"

namespace crosstalk::http {

namespace {

using kind = proxy_header::kind;

constexpr std::string_view text_signature = "PROXY ";
constexpr std::string_view binary_signature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t text_most = 107;  // with the CRLF
constexpr std::size_t binary_fixed = 16;

/// What stands behind the fixed part of version 2: both addresses, then both ports.
constexpr std::size_t v4_block = 12, v6_block = 36, unix_block = 216;

result<proxy_header> bad() { return make_error_code(errc::bad_proxy_header); }

std::string text_of(int family, const void* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    (void)inet_ntop(family, address, text.data(), text.size());
    return text.data();
}

/// As the other end of a socket is told: IPv4 in IPv6 is IPv4.
std::string text_of_v6(const in6_addr& address) {
    if (IN6_IS_ADDR_V4MAPPED(&address)) return text_of(AF_INET, address.s6_addr + 12);
    return text_of(AF_INET6, &address);
}

// Version 1

std::optional<std::string> read_address(int family, std::string_view text) {
    const std::string terminated(text);
    if (terminated.size() != std::strlen(terminated.c_str())) return std::nullopt;
    in6_addr address{};
    if (inet_pton(family, terminated.c_str(), &address) != 1) return std::nullopt;
    return family == AF_INET ? text_of(AF_INET, &address) : text_of_v6(address);
}

std::optional<std::uint16_t> read_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, port);
    const bool is_plain = text.size() == 1 || !text.starts_with('0');
    if (read.ec != std::errc() || read.ptr != end || !is_plain) return std::nullopt;
    return port;
}

/// The client in "TCP4 SOURCE DESTINATION PORT PORT".
std::optional<proxied_client> read_words(std::string_view line) {
    std::array<std::string_view, 5> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto space = line.find(' ');
        const bool is_last = i + 1 == words.size();
        if ((space == std::string_view::npos) != is_last) return std::nullopt;
        words[i] = line.substr(0, space);
        if (!is_last) line.remove_prefix(space + 1);
    }
    if (words[0] != "TCP4" && words[0] != "TCP6") return std::nullopt;
    const int family = words[0] == "TCP4" ? AF_INET : AF_INET6;
    auto source = read_address(family, words[1]);
    const auto destination = read_address(family, words[2]);
    const auto port = read_port(words[3]);
    if (!source || !destination || !port || !read_port(words[4])) return std::nullopt;
    return proxied_client{*std::move(source), *port};
}

result<proxy_header> read_text(std::string_view bytes) {
    bytes = bytes.substr(0, text_most);
    const auto end = bytes.find_first_of("\r\n");
    if (end == std::string_view::npos || (bytes[end] == '\r' && end + 1 == bytes.size())) {
        if (bytes.size() == text_most) return bad();
        return proxy_header{kind::incomplete, 0, {}};
    }
    if (bytes.substr(end, 2) != "\r\n") return bad();
    proxy_header header{kind::complete, end + 2, {}};
    const auto line = bytes.substr(0, end).substr(text_signature.size());
    if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return header;
    header.client = read_words(line);
    if (!header.client) return bad();
    return header;
}

// Version 2

std::uint16_t number_at(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[at]) << 8 |
                                      static_cast<unsigned char>(bytes[at + 1]));
}

std::optional<proxied_client> read_block(unsigned char family, std::string_view block) {
    if (family == 0x11 && block.size() >= v4_block)
        return proxied_client{text_of(AF_INET, block.data()), number_at(block, 8)};
    if (family == 0x21 && block.size() >= v6_block) {
        in6_addr address{};
        std::memcpy(&address, block.data(), sizeof address);
        return proxied_client{text_of_v6(address), number_at(block, 32)};
    }
    if (family == 0x31 && block.size() >= unix_block) return proxied_client{};
    return std::nullopt;
}

result<proxy_header> read_binary(std::string_view bytes) {
    constexpr unsigned char local = 0x20, proxied = 0x21, unspecified = 0x00;
    const auto at = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    if (bytes.size() > 12 && at(12) != local && at(12) != proxied) return bad();
    if (bytes.size() < binary_fixed) return proxy_header{kind::incomplete, 0, {}};
    const std::size_t size = binary_fixed + number_at(bytes, 14);
    if (size > proxy_header_most) return bad();
    if (bytes.size() < size) return proxy_header{kind::incomplete, 0, {}};
    proxy_header header{kind::complete, size, {}};
    if (at(12) == local || at(13) == unspecified) return header;
    header.client = read_block(at(13), bytes.substr(binary_fixed, size - binary_fixed));
    if (!header.client) return bad();
    return header;
}

/// Whether one of both is the beginning of the other.
bool agree(std::string_view bytes, std::string_view signature) {
    const auto common = std::min(bytes.size(), signature.size());
    return bytes.substr(0, common) == signature.substr(0, common);
}

}  // namespace

result<proxy_header> read_proxy_header(std::string_view bytes) {
    for (const auto signature : {text_signature, binary_signature}) {
        if (!agree(bytes, signature)) continue;
        if (bytes.size() < signature.size()) return proxy_header{kind::incomplete, 0, {}};
        return signature == text_signature ? read_text(bytes) : read_binary(bytes);
    }
    return proxy_header{};
}

}  // namespace crosstalk::http
