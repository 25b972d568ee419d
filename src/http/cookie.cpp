// See cookie.hpp.
#include "http/cookie.hpp"

#include <algorithm>
#include <functional>

#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

/// Each `name=value` of a Cookie field, trimmed.
void for_each_cookie(std::string_view value, const std::function<void(std::string_view)>& visit) {
    while (!value.empty()) {
        const auto end = std::min(value.find(';'), value.size());
        if (const auto one = trim(value.substr(0, end)); !one.empty()) visit(one);
        value.remove_prefix(std::min(end + 1, value.size()));
    }
}

std::string_view name_of(std::string_view cookie) { return trim(cookie.substr(0, cookie.find('='))); }

}  // namespace

std::string find_cookie(const fields& headers, std::string_view name) {
    std::string found;
    for (const auto& f : headers) {
        if (!iequals(f.name, "Cookie")) continue;
        for_each_cookie(f.value, [&](std::string_view cookie) {
            const auto equals = cookie.find('=');
            if (found.empty() && equals != std::string_view::npos && name_of(cookie) == name)
                found = trim(cookie.substr(equals + 1));
        });
    }
    return found;
}

void remove_cookies(fields& headers, std::initializer_list<std::string_view> prefixes) {
    const auto is_meant = [&](std::string_view cookie) {
        return std::ranges::any_of(prefixes, [&](auto prefix) { return name_of(cookie).starts_with(prefix); });
    };
    headers.for_each([&](field& f) {
        if (!iequals(f.name, "Cookie")) return;
        std::string left;
        bool is_changed = false;
        for_each_cookie(f.value, [&](std::string_view cookie) {
            if (is_meant(cookie)) {
                is_changed = true;
            } else {
                left.append(left.empty() ? "" : "; ").append(cookie);
            }
        });
        if (is_changed) f.value = std::move(left);
    });
    headers.remove_if([](const field& f) { return iequals(f.name, "Cookie") && f.value.empty(); });
}

}  // namespace crosstalk::http
