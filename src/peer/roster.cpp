// See roster.hpp.
#include "peer/roster.hpp"

#include <algorithm>
#include <array>

namespace crosstalk::peer {
namespace {

constexpr std::size_t most_contacts = 100'000;
constexpr std::array<std::string_view, 4> subscriptions{"to", "from", "both", "none"};

}  // namespace

roster::roster(std::string own_bare, std::string id_prefix)
    : own_bare_(std::move(own_bare)), id_prefix_(std::move(id_prefix)) {}

void roster::log_in() {
    question_ = id_prefix_ + std::to_string(++serial_);
    auto iq = xmpp::make_iq(xmpp::iq_type::get, question_, {});
    iq.add({"query", std::string{xmpp::ns::roster}});
    stanzas_.push_back(std::move(iq));
}

void roster::offline() {
    question_.clear();
    stanzas_.clear();
}

bool roster::is_own_account(std::string_view from) const { return from.empty() || from == own_bare_; }

void roster::take(const xmpp::element& item) {
    if (!item.is("item", xmpp::ns::roster)) return;
    std::string jid{item.attr("jid")};
    const auto state = item.attr("subscription");
    if (state == "remove") {
        contacts_.erase(jid);
        return;
    }
    const bool is_known_state = std::ranges::find(subscriptions, state) != subscriptions.end();
    if (contacts_.size() < most_contacts || contacts_.contains(jid))
        contacts_.insert_or_assign(std::move(jid), is_known_state ? std::string{state} : "none");
}

bool roster::receive(const xmpp::element& stanza) {
    if (!xmpp::is_iq(stanza) || !is_own_account(stanza.attr("from"))) return false;
    const auto* query = stanza.child("query", xmpp::ns::roster);
    if (xmpp::is_request(stanza)) {
        if (query == nullptr || stanza.attr("type") != "set") return false;
        if (query->children().size() == 1) take(query->children().front());
        stanzas_.push_back(xmpp::make_result(stanza));
        return true;
    }
    if (question_.empty() || stanza.attr("id") != question_) return false;
    question_.clear();
    contacts_.clear();
    is_known_ = has_loaded_ = true;
    if (query != nullptr && stanza.attr("type") == "result")
        for (const auto& item : query->children()) take(item);
    return true;
}

std::optional<xmpp::element> roster::next_stanza() {
    if (stanzas_.empty()) return std::nullopt;
    auto stanza = std::move(stanzas_.front());
    stanzas_.pop_front();
    return stanza;
}

std::string_view roster::subscription(std::string_view jid) const {
    const auto at = contacts_.find(jid);
    return at == contacts_.end() ? std::string_view{} : std::string_view{at->second};
}

bool roster::sees_us(std::string_view jid) const {
    const auto state = subscription(jid);
    return state == "from" || state == "both";
}

bool roster::is_seen(std::string_view jid) const {
    const auto state = subscription(jid);
    return state == "to" || state == "both";
}

}  // namespace crosstalk::peer
