// See announcements.hpp.
#include "gateway/announcements.hpp"

#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

bool announcements::add(announcement told, std::vector<std::string> owners) {
    if (waiting_.size() >= most || owners.empty()) return false;
    waiting_.push_back({std::move(told), std::move(owners)});
    return true;
}

std::optional<xmpp::element> announcements::next() {
    if (waiting_.empty()) return std::nullopt;
    auto& [told, owners] = waiting_.front();
    auto message = xmpp::make_message(told.is_for_absent ? "normal" : "headline", owners.back(), from_, told.text);
    if (!told.subject.empty())
        message.add(xmpp::element("subject", std::string(xmpp::ns::client))).set_text(told.subject);
    owners.pop_back();
    if (owners.empty()) waiting_.pop_front();
    return message;
}

}  // namespace crosstalk::gateway
