// See lobby.hpp.
#include "gateway/lobby.hpp"

#include <algorithm>

#include "gateway/logo.hpp"
#include "xmpp/jid.hpp"
#include "xmpp/presence.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
namespace ns = xmpp::ns;

namespace {

/// The node of the address that it is for.
std::string_view node_asked(const xmpp::element& stanza) {
    const auto bare = xmpp::bare_of(stanza.attr("to"));
    const auto at = bare.find('@');
    return at == std::string_view::npos ? std::string_view() : bare.substr(0, at);
}

bool asks_for_card(const xmpp::element& stanza) {
    const auto* payload = xmpp::payload_of(stanza);
    return payload != nullptr && payload->is("vCard", ns::card);
}

bool asks_for_items(const xmpp::element& stanza) {
    const auto* payload = stanza.attr("type") == "get" ? xmpp::payload_of(stanza) : nullptr;
    return payload != nullptr && payload->is("query", ns::disco_items) && payload->attr("node").empty();
}

std::string base_url(const route_settings& routes) {
    return routes.base.scheme + "://" + http::to_text(routes.base.authority) + '/';
}

xmpp::element result_with(const xmpp::element& request, xmpp::element payload) {
    auto result = xmpp::make_result(request);
    result.add(std::move(payload));
    return result;
}

/// A site is no more than its address.
xmpp::self_description describe(const site& s, const lobby_settings& settings) {
    xmpp::self_description self;
    self.version = settings.version;
    self.disco.identities.push_back({"hierarchy", "leaf", s.name, ""});
    self.disco.features = xmpp::service_features();
    xmpp::data_form form;
    form.fields = {{"FORM_TYPE", "hidden", {"urn:crosstalk:1#site"}},
                   {"name", "text-single", {s.name}},
                   {"url", "text-single", {site_url(settings.routes, s.name)}}};
    self.disco.forms.push_back(std::move(form));
    return self;
}

}  // namespace

xmpp::vcard card_of(std::string url) {
    const std::string_view picture(reinterpret_cast<const char*>(logo.data()), logo.size());
    return {"CrossTalk", "Web sites of people with a chat account. Register a name, and publish.", std::move(url), picture};
}

void lobby::configure(lobby_settings settings) {
    settings_ = std::move(settings);
    listed_at_.reset();
}

bool lobby::is_open(const site& s) const {
    return s.seen_by == visibility::everybody && !s.suspended && !names_.rules().is_banned(s.owner);
}

bool lobby::is_asked(const xmpp::element& stanza) const {
    return !node_asked(stanza).empty() || asks_for_card(stanza) || asks_for_items(stanza);
}

std::optional<xmpp::element> lobby::answer(const xmpp::element& stanza, const xmpp::moment& when) {
    if (!node_asked(stanza).empty()) return answer_for_site(stanza, when);
    if (asks_for_items(stanza)) return result_with(stanza, xmpp::to_element(items()));
    if (stanza.attr("type") == "set")
        return xmpp::make_error(stanza, {condition::forbidden, "The card is the gateway's own."});
    return result_with(stanza, xmpp::to_element(card_of(base_url(settings_.routes))));
}

std::optional<xmpp::element> lobby::answer_for_site(const xmpp::element& stanza, const xmpp::moment& when) const {
    const auto type = stanza.attr("type");
    if (type == "error" || type == "result") return std::nullopt;
    if (xmpp::is_presence(stanza)) {
        if (type != "subscribe") return std::nullopt;
        return xmpp::make_presence(xmpp::presence_type::unsubscribed, xmpp::bare_of(stanza.attr("from")),
                                   xmpp::bare_of(stanza.attr("to")));
    }
    const auto* found = names_.sites().find(node_asked(stanza));
    if (found == nullptr || !is_open(*found))
        return xmpp::make_error(stanza, {condition::item_not_found, "There is no such site here."});
    if (xmpp::is_message(stanza) && stanza.child("body", ns::client) == nullptr) return std::nullopt;
    if (xmpp::is_message(stanza))
        return xmpp::make_error(stanza, {condition::service_unavailable, "A site reads no messages. Write to its owner."});
    return xmpp::answer(stanza, describe(*found, settings_), when);
}

const std::vector<xmpp::disco_item>& lobby::items() {
    if (listed_at_ == names_.revision()) return items_;
    listed_at_ = names_.revision();
    items_.clear();
    if (!settings_.lists_sites) return items_;
    std::vector<std::string> open;
    names_.sites().for_each([&](const site& s) {
        if (is_open(s)) open.push_back(s.name);
    });
    const auto kept = std::min(open.size(), most_listed);
    std::partial_sort(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(kept), open.end());
    open.resize(kept);
    for (const auto& name : open) items_.push_back({name + '@' + settings_.domain, "", name});
    return items_;
}

}  // namespace crosstalk::gateway
