// See guest_list.hpp.
#include "peer/guest_list.hpp"

#include <algorithm>

#include "xmpp/jid.hpp"

namespace crosstalk::peer {

bool guest_rules::admit(std::string_view word) {
    if (word == "anyone") return anyone = true;
    if (word == "roster") return contacts = true;
    const auto who = xmpp::jid::parse(word);
    if (!who || !who->is_bare()) return false;
    (who->node().empty() ? domains : accounts).push_back(who->bare());
    return true;
}

guest_list::guest_list(guest_rules rules, std::string own_bare, const roster& contacts)
    : rules_(std::move(rules)), own_bare_(std::move(own_bare)), contacts_(contacts) {}

guest_list::verdict guest_list::judge(std::string_view jid) const {
    using enum verdict;
    const auto bare = xmpp::bare_of(jid);
    const auto domain = xmpp::domain_of(jid);
    if (rules_.anyone || bare == own_bare_) return admitted;
    if (std::ranges::find(rules_.accounts, bare) != rules_.accounts.end()) return admitted;
    if (std::ranges::find(rules_.domains, domain) != rules_.domains.end()) return admitted;
    if (!rules_.contacts || bare == domain) return refused;
    if (!contacts_.is_known()) return unknown;
    return contacts_.sees_us(bare) ? admitted : refused;
}

}  // namespace crosstalk::peer
