// See announcements.hpp.
#include "gateway/announcements.hpp"

namespace crosstalk::gateway {

namespace {

xmpp::element text_child(std::string name, std::string text) {
    xmpp::element e(std::move(name), std::string(xmpp::ns::client));
    e.set_text(std::move(text));
    return e;
}

}  // namespace

bool announcements::add(announcement told, std::vector<std::string> owners) {
    if (waiting_.size() >= most || owners.empty()) return false;
    waiting_.push_back({std::move(told), std::move(owners)});
    return true;
}

std::optional<xmpp::element> announcements::next() {
    if (waiting_.empty()) return std::nullopt;
    auto& [told, owners] = waiting_.front();
    xmpp::element message("message", std::string(xmpp::ns::client));
    message.set("type", told.is_for_absent ? "normal" : "headline").set("from", from_).set("to", std::move(owners.back()));
    if (!told.subject.empty()) message.add(text_child("subject", told.subject));
    message.add(text_child("body", told.text));
    owners.pop_back();
    if (owners.empty()) waiting_.pop_front();
    return message;
}

}  // namespace crosstalk::gateway
