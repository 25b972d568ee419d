// What may name a site.
#include "gateway/site.hpp"

#include <algorithm>
#include <array>

namespace crosstalk::gateway {

bool is_site_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
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
