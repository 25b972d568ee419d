// Accept and Accept-Encoding, with their quality values.
#include "http/accept.hpp"

#include <algorithm>
#include <optional>

#include "crosstalk/http.hpp"
#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

/// "0.5" as 500; nothing for what is no qvalue (RFC 9110, 12.4.2).
std::optional<unsigned> parse_quality(std::string_view text) noexcept {
    if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
    unsigned quality = text[0] == '1' ? 1000 : 0;
    if (text.size() > 1 && text[1] != '.') return std::nullopt;
    unsigned weight = 100;
    for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
        if (!is_digit(c)) return std::nullopt;
        quality += static_cast<unsigned>(c - '0') * weight;
        weight /= 10;
    }
    if (quality > 1000) return std::nullopt;
    return quality;
}

/// The quality that an item's parameters give it; nothing if it is malformed.
std::optional<unsigned> quality_in(std::string_view parameters) noexcept {
    while (const auto parameter = next_item(parameters, ';')) {
        const auto equals = parameter->find('=');
        if (equals == parameter->npos) continue;
        if (iequals(parameter->substr(0, equals), "q"))
            return parse_quality(parameter->substr(equals + 1));
    }
    return 1000;
}

/// How closely a media range fits: 3 = exactly, 2 = text/*, 1 = */*, 0 = not at all.
unsigned closeness(std::string_view range, std::string_view type, std::string_view subtype) noexcept {
    const auto slash = range.find('/');
    if (slash == range.npos) return 0;
    const auto range_type = range.substr(0, slash);
    const auto range_subtype = range.substr(slash + 1);
    if (range == "*/*") return 1;
    if (!iequals(range_type, type)) return 0;
    if (range_subtype == "*") return 2;
    return iequals(range_subtype, subtype) ? 3 : 0;
}

/// How closely an item of Accept-Encoding fits: 2 = by name, 1 = by *, 0 = not at all.
unsigned coding_closeness(std::string_view item, std::string_view coding) noexcept {
    if (item == "*") return 1;
    if (iequals(item, "x-gzip")) item = "gzip";
    return iequals(item, coding) ? 2 : 0;
}

/// The quality that the item which fits closest has; 0 if none fits.
template <class Closeness>
unsigned closest_quality(std::string_view list, Closeness closeness_of) noexcept {
    unsigned closest = 0;
    unsigned quality = 0;
    while (const auto item = next_item(list)) {
        auto parameters = *item;
        const auto value = next_item(parameters, ';');
        if (!value) continue;
        const unsigned close = closeness_of(*value);
        if (close <= closest) continue;
        if (const auto found = quality_in(parameters)) {
            closest = close;
            quality = *found;
        }
    }
    return quality;
}

}  // namespace

unsigned quality_of(std::string_view accept, std::string_view type, std::string_view subtype) noexcept {
    return closest_quality(accept,
                           [&](std::string_view range) { return closeness(range, type, subtype); });
}

unsigned coding_quality_of(std::string_view accept_encoding, std::string_view coding) noexcept {
    return closest_quality(accept_encoding,
                           [&](std::string_view item) { return coding_closeness(item, coding); });
}

bool accepts_html(std::string_view accept) noexcept {
    const unsigned html = quality_of(accept, "text", "html");
    return html > 0 && html >= quality_of(accept, "text", "plain");
}

}  // namespace crosstalk::http
