// Hop-by-hop fields, found and removed.
#include "http/hop_by_hop.hpp"

#include <algorithm>
#include <array>

#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

template <std::size_t N>
bool is_among(std::string_view name, const std::array<std::string_view, N>& names) noexcept {
    return std::any_of(names.begin(), names.end(),
                       [name](std::string_view one) { return iequals(one, name); });
}

/// Whether a field is part of what the message means, so that Connection cannot take it away.
bool is_essential(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 7> names = {
        "host",          "content-length", "content-type", "content-encoding",
        "content-range", "cache-control",  "date",
    };
    return is_among(name, names);
}

/// Calls `use` with each option until it says that it has seen enough.
template <class Use>
void for_each_option(const fields& headers, Use use) {
    for (const auto& [name, value] : headers) {
        if (!iequals(name, "connection")) continue;
        for (std::string_view rest = value; auto option = next_item(rest);) {
            if (use(*option)) return;
        }
    }
}

}  // namespace

bool is_hop_by_hop(std::string_view name) noexcept {
    static constexpr std::array<std::string_view, 11> names = {
        "connection",
        "keep-alive",
        "transfer-encoding",
        "te",
        "trailer",
        "upgrade",
        "http2-settings",
        "proxy-connection",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-authentication-info",
    };
    return is_among(name, names);
}

std::vector<std::string> connection_options(const fields& headers) {
    std::vector<std::string> options;
    for_each_option(headers, [&](std::string_view option) {
        if (is_token(option)) options.emplace_back(option);
        return false;
    });
    return options;
}

bool has_connection_option(const fields& headers, std::string_view option) noexcept {
    bool found = false;
    for_each_option(headers, [&](std::string_view one) { return found = iequals(one, option); });
    return found;
}

bool is_websocket_upgrade(const fields& headers) noexcept {
    const auto* upgrade = headers.find("upgrade");
    return upgrade != nullptr && headers.count("upgrade") == 1 && iequals(*upgrade, "websocket") &&
           has_connection_option(headers, "upgrade");
}

void remove_hop_by_hop(fields& headers) {
    const auto options = connection_options(headers);
    headers.remove_if([&](const field& f) {
        if (is_hop_by_hop(f.name)) return true;
        const bool is_named =
            std::any_of(options.begin(), options.end(),
                        [&](const std::string& option) { return iequals(option, f.name); });
        return is_named && !is_essential(f.name);
    });
}

}  // namespace crosstalk::http
