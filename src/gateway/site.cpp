// What may name a site, and who may see it.
#include "gateway/site.hpp"

#include <algorithm>
#include <array>

#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

namespace {

constexpr std::array<std::string_view, 3> visibilities{"public", "roster", "listed"};

bool has(const std::vector<std::string>& sorted, std::string_view wanted) {
    return std::binary_search(sorted.begin(), sorted.end(), wanted, std::less<>());
}

}  // namespace

std::string_view to_text(visibility v) noexcept { return visibilities.at(static_cast<std::size_t>(v)); }

std::optional<visibility> parse_visibility(std::string_view text) noexcept {
    const auto at = std::ranges::find(visibilities, text);
    if (at == visibilities.end()) return std::nullopt;
    return static_cast<visibility>(at - visibilities.begin());
}

bool is_invited(const site& s, std::string_view bare) noexcept {
    return bare == s.owner || has(s.guests, bare) || has(s.guests, xmpp::domain_of(bare));
}
bool is_site_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

bool is_own_host(std::string_view host, std::string_view base) noexcept {
    if (host == base || (host.ends_with(base) && host[host.size() - base.size() - 1] == '.')) return false;
    if (host.size() > 253 || host.find('.') == std::string_view::npos) return false;
    const auto last = host.substr(host.rfind('.') + 1);
    // A name whose last label is a number would be read as an IPv4 address.
    if (last.find_first_not_of("0123456789") == std::string_view::npos) return false;
    while (!host.empty()) {
        const auto dot = std::min(host.find('.'), host.size());
        if (!is_site_name(host.substr(0, dot))) return false;
        if (dot + 1 == host.size()) return false;
        host.remove_prefix(std::min(dot + 1, host.size()));
    }
    return true;
}

bool is_encoded_name(std::string_view name) noexcept { return name.size() >= 4 && name.substr(2, 2) == "--"; }

bool is_reserved_name(std::string_view name) noexcept {
    // RFC 2142 and RFC 6761, what clients of mail, chat and proxies look up, and what a person would trust.
    static constexpr std::array<std::string_view, 56> reserved{
        "abuse",      "account",    "accounts",     "admin",       "administrator", "api",       "auth",
        "autoconfig", "autodiscover", "billing",    "broadcasthost", "conference",  "crosstalk", "example",
        "ftp",        "gateway",    "help",         "hostmaster",  "http",          "https",     "imap",
        "info",       "invalid",    "isatap",       "local",       "localhost",     "login",     "mail",
        "mx",         "news",       "noc",          "ns",          "ns1",           "ns2",       "operator",
        "pop",        "pop3",       "postmaster",   "proxy",       "pubsub",        "register",  "root",
        "security",   "smtp",       "ssl",          "status",      "support",       "system",    "test",
        "upload",     "webmail",    "webmaster",    "wpad",        "www",           "xmpp",      "xn",
    };
    return std::ranges::binary_search(reserved, name);
}

}  // namespace crosstalk::gateway
