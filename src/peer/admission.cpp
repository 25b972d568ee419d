// See admission.hpp.
#include "peer/admission.hpp"

#include <algorithm>

namespace crosstalk::peer {

using xmpp::condition;

std::optional<xmpp::element> answer_admission(const xmpp::element& stanza, const std::vector<std::string>& gateways,
                                              const roster& contacts) {
    if (!xmpp::is_request(stanza) || stanza.attr("type") != "get") return std::nullopt;
    const auto* asked = stanza.child("admit", xmpp::ns::crosstalk);
    if (asked == nullptr) return std::nullopt;
    if (std::ranges::find(gateways, stanza.attr("from")) == gateways.end())
        return xmpp::make_error(stanza, {condition::forbidden, "this peer does not publish there"});
    if (asked->attr("jid").empty()) return xmpp::make_error(stanza, {condition::bad_request, "it names no JID"});
    if (!contacts.is_known())
        return xmpp::make_error(stanza, {condition::resource_constraint, "the roster is not here yet"});
    auto result = xmpp::make_result(stanza);
    xmpp::element admit("admit", std::string(xmpp::ns::crosstalk));
    admit.set("jid", std::string(asked->attr("jid"))).set("site", std::string(asked->attr("site")));
    admit.set("admitted", contacts.sees_us(asked->attr("jid")) ? "true" : "false");
    result.add(std::move(admit));
    return result;
}

}  // namespace crosstalk::peer
