// See admissions.hpp.
#include "gateway/admissions.hpp"

#include "xmpp/privilege.hpp"

namespace crosstalk::gateway {

namespace {

std::string key_of(const std::string& site, const std::string& jid) { return site + '\n' + jid; }

}  // namespace

std::optional<bool> admissions::find(const std::string& site, const std::string& jid, base::time_point now) const {
    const auto at = verdicts_.find(key_of(site, jid));
    if (at == verdicts_.end() || at->second.until <= now) return std::nullopt;
    return at->second.is_admitted;
}

std::optional<xmpp::element> admissions::ask(std::string id, const std::string& full, const std::string& site,
                                             const std::string& jid, base::time_point now) {
    if (questions_.size() >= most) return std::nullopt;
    auto iq = xmpp::make_iq(xmpp::iq_type::get, id, full);
    xmpp::element admit("admit", std::string(xmpp::ns::crosstalk));
    admit.set("jid", jid).set("site", site);
    iq.add(std::move(admit));
    questions_[std::move(id)] = {full, site, jid, now + patience, false};
    return iq;
}

std::optional<xmpp::element> admissions::ask_server(std::string id, const std::string& owner, const std::string& site,
                                                    const std::string& jid, base::time_point now) {
    if (questions_.size() >= most) return std::nullopt;
    auto iq = xmpp::ask_for_roster(id, owner);
    questions_[std::move(id)] = {owner, site, jid, now + patience, true};
    return iq;
}

std::optional<bool> admissions::verdict_of(const xmpp::element& stanza, const question& asked) {
    if (asked.is_for_roster) return xmpp::shows_presence_to(stanza, asked.jid);
    const auto* told = stanza.attr("type") == "result" ? stanza.child("admit", xmpp::ns::crosstalk) : nullptr;
    if (told == nullptr || told->attr("jid") != asked.jid || told->attr("site") != asked.site) return std::nullopt;
    return told->attr("admitted") == "true";
}

bool admissions::receive(const xmpp::element& stanza, base::time_point now) {
    if (!xmpp::is_response(stanza)) return false;
    const auto at = questions_.find(std::string(stanza.attr("id")));
    if (at == questions_.end() || stanza.attr("from") != at->second.asked) return false;
    const auto asked = std::move(at->second);
    questions_.erase(at);
    const auto told = verdict_of(stanza, asked);
    if (told && verdicts_.size() < most) verdicts_[key_of(asked.site, asked.jid)] = {*told, now + remembered};
    return true;
}

void admissions::expire(base::time_point now) {
    std::erase_if(questions_, [now](const auto& each) { return each.second.until <= now; });
    std::erase_if(verdicts_, [now](const auto& each) { return each.second.until <= now; });
}

}  // namespace crosstalk::gateway
