// See served_sites.hpp.
#include "talk/served_sites.hpp"

#include "xmpp/stanza.hpp"

namespace crosstalk::talk {

namespace {
constexpr std::size_t most_names = 64;
constexpr std::size_t longest_name = 63;  // as of any label in the DNS
}  // namespace

xmpp::element to_served_sites(const std::vector<std::string>& names) {
    xmpp::element list("sites", std::string(xmpp::ns::crosstalk));
    for (const auto& name : names) list.add({"site", std::string(xmpp::ns::crosstalk)}).set("name", name);
    return list;
}

std::optional<std::vector<std::string>> read_served_sites(const xmpp::element& presence) {
    const auto* list = presence.child("sites", xmpp::ns::crosstalk);
    if (list == nullptr) return std::nullopt;
    std::vector<std::string> names;
    for (const auto& each : list->children()) {
        const auto name = each.attr("name");
        if (!each.is("site", xmpp::ns::crosstalk) || name.empty() || name.size() > longest_name) continue;
        if (names.size() == most_names) break;
        names.emplace_back(name);
    }
    return names;
}

}  // namespace crosstalk::talk
