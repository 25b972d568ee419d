// Implementation of disco.hpp.
#include "xmpp/disco.hpp"

#include <algorithm>

namespace crosstalk::xmpp {

namespace {

identity read_identity(const element& e) {
    return {std::string(e.attr("category")), std::string(e.attr("type")), std::string(e.attr("name")),
            std::string(e.attr("xml:lang"))};
}

element query_element(std::string_view ns, std::string_view node) {
    element query("query", std::string(ns));
    if (!node.empty()) query.set("node", std::string(node));
    return query;
}

}  // namespace

bool disco_info::has(std::string_view feature) const noexcept {
    return std::ranges::find(features, feature) != features.end();
}

bool disco_info::is(std::string_view category, std::string_view type) const noexcept {
    return std::ranges::any_of(
        identities, [&](const identity& i) { return i.category == category && i.type == type; });
}

element to_element(const disco_info& info, std::string_view node) {
    element query = query_element(ns::disco_info, node);
    for (const identity& i : info.identities) {
        element& e = query.add(element("identity", std::string(ns::disco_info)));
        e.set("category", i.category).set("type", i.type);
        if (!i.name.empty()) e.set("name", i.name);
        if (!i.lang.empty()) e.set("xml:lang", i.lang);
    }
    for (const std::string& feature : info.features)
        query.add(element("feature", std::string(ns::disco_info))).set("var", feature);
    for (const data_form& form : info.forms) query.add(to_element(form));
    return query;
}

std::optional<disco_info> read_disco_info(const element& query) {
    if (!query.is("query", ns::disco_info)) return std::nullopt;
    disco_info info;
    for (const element& e : query.children()) {
        if (e.is("identity", ns::disco_info))
            info.identities.push_back(read_identity(e));
        else if (e.is("feature", ns::disco_info))
            info.features.emplace_back(e.attr("var"));
        else if (e.is("x", ns::data_form))
            info.forms.push_back(read_form(e));
    }
    return info;
}

element to_element(const std::vector<disco_item>& items, std::string_view node) {
    element query = query_element(ns::disco_items, node);
    for (const disco_item& i : items) {
        element& e = query.add(element("item", std::string(ns::disco_items)));
        e.set("jid", i.jid);
        if (!i.node.empty()) e.set("node", i.node);
        if (!i.name.empty()) e.set("name", i.name);
    }
    return query;
}

std::optional<std::vector<disco_item>> read_disco_items(const element& query) {
    if (!query.is("query", ns::disco_items)) return std::nullopt;
    std::vector<disco_item> items;
    for (const element& e : query.children())
        if (e.is("item", ns::disco_items))
            items.push_back(
                {std::string(e.attr("jid")), std::string(e.attr("node")), std::string(e.attr("name"))});
    return items;
}

}  // namespace crosstalk::xmpp
