// See privilege.hpp.
#include "xmpp/privilege.hpp"

#include <algorithm>
#include <array>

namespace crosstalk::xmpp {

namespace {

/// Servers in use speak either; what is read here is the same in both.
constexpr std::array<std::string_view, 2> versions{"urn:xmpp:privilege:2", "urn:xmpp:privilege:1"};

const element* privileges_of(const element& message) {
    for (const auto version : versions)
        if (const auto* found = message.child("privilege", version)) return found;
    return nullptr;
}

bool is_readable(const element& permission) {
    const auto type = permission.attr("type");
    return permission.attr("access") == "roster" && (type == "get" || type == "both");
}

}  // namespace

std::optional<roster_grant> read_roster_grant(const element& stanza) {
    if (!is_message(stanza) || stanza.attr("type") == "error") return std::nullopt;
    const auto* privileges = privileges_of(stanza);
    const auto from = stanza.attr("from");
    if (privileges == nullptr || from.empty() || from.find_first_of("@/") != from.npos) return std::nullopt;
    return roster_grant{std::string(from), std::ranges::any_of(privileges->children(), is_readable)};
}

element ask_for_roster(std::string_view id, std::string_view owner) {
    auto iq = make_iq(iq_type::get, id, owner);
    iq.add(element("query", std::string(ns::roster)));
    return iq;
}

std::optional<bool> shows_presence_to(const element& stanza, std::string_view contact) {
    const auto* query = stanza.attr("type") == "result" ? stanza.child("query", ns::roster) : nullptr;
    if (query == nullptr) return std::nullopt;
    return std::ranges::any_of(query->children(), [contact](const element& item) {
        const auto state = item.attr("subscription");
        return item.is("item", ns::roster) && item.attr("jid") == contact && (state == "from" || state == "both");
    });
}

}  // namespace crosstalk::xmpp
