// See peer_host.hpp.
#include "visit/peer_host.hpp"

#include <idna.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "http/syntax.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::visit {
namespace {

constexpr std::string_view separator = "-at-";
constexpr std::string_view suffix = ".localhost";
constexpr std::size_t longest_label = 63;  // RFC 1035, 2.3.4

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || http::is_digit(c); }

/// What one of libidn's conversions makes of a domain.
std::optional<std::string> convert(const std::string& domain,
                                   int (*conversion)(const char*, char**, int)) {
    char* raw = nullptr;
    const int status = conversion(domain.c_str(), &raw, 0);
    const std::unique_ptr<char, decltype(&std::free)> made(raw, &std::free);
    if (status != IDNA_SUCCESS || made == nullptr) return std::nullopt;
    return std::string(made.get());
}

bool is_dns_name(std::string_view domain) {
    char before = '.';
    for (const char c : domain) {
        const bool is_inner = before != '.' && before != '-';
        if (c == '.' ? !is_inner : c == '-' ? before == '.' : !is_plain(c)) return false;
        before = c;
    }
    return before != '.' && before != '-';
}

void append_user(std::string& out, std::string_view node) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : node) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_plain(c))
            out += c;
        else
            out.append(1, '-').append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
}

void append_domain(std::string& out, std::string_view domain) {
    for (const char c : domain) {
        if (c == '-')
            out += "--";
        else
            out += c == '.' ? '-' : c;
    }
}

std::optional<std::string> read_user(std::string_view label) {
    std::string out;
    for (std::size_t i = 0; i < label.size(); ++i) {
        if (label[i] != '-') {
            out += label[i];
            continue;
        }
        if (label.size() - i < 3) return std::nullopt;
        const int high = http::hex_value(label[i + 1]), low = http::hex_value(label[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

std::string read_domain(std::string_view label) {
    std::string out;
    for (std::size_t i = 0; i < label.size(); ++i) {
        if (label[i] != '-') {
            out += label[i];
        } else if (i + 1 < label.size() && label[i + 1] == '-') {
            out += '-';
            ++i;
        } else {
            out += '.';
        }
    }
    return out;
}

/// The label's address; another label may say the same.
std::optional<std::string> read_label(std::string_view label) {
    const auto at = label.find(separator);
    if (at == std::string_view::npos) return std::nullopt;
    const auto user = read_user(label.substr(0, at));
    if (!user || user->find_first_of("@/") != std::string::npos) return std::nullopt;
    const auto domain =
        convert(read_domain(label.substr(at + separator.size())), &::idna_to_unicode_8z8z);
    if (!domain) return std::nullopt;
    const auto jid = xmpp::jid::parse(*user + '@' + *domain);
    if (!jid || !jid->is_bare()) return std::nullopt;
    return jid->bare();
}

}  // namespace

std::optional<std::string> host_of_peer(std::string_view bare) {
    const auto jid = xmpp::jid::parse(bare);
    if (!jid || !jid->is_bare() || jid->node().empty()) return std::nullopt;
    const auto domain = convert(jid->domain(), &::idna_to_ascii_8z);
    if (!domain) return std::nullopt;
    std::string lower = *domain;
    std::transform(lower.begin(), lower.end(), lower.begin(), http::to_lower);
    if (!is_dns_name(lower)) return std::nullopt;
    std::string host;
    append_user(host, jid->node());
    host += separator;
    append_domain(host, lower);
    if (host.size() > longest_label) return std::nullopt;
    host += suffix;
    return host;
}

std::optional<std::string> peer_of_host(std::string_view host) {
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.size() > longest_label + suffix.size() || !host.ends_with(suffix)) return std::nullopt;
    auto bare = read_label(host.substr(0, host.size() - suffix.size()));
    if (!bare || host_of_peer(*bare) != host) return std::nullopt;
    return bare;
}

}  // namespace crosstalk::visit
