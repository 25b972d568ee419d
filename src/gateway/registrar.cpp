// See registrar.hpp.
#include "gateway/registrar.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

using xmpp::condition;
using xmpp::stanza_error;

namespace {

/// Names are told, typed and printed in any case; DNS does not care.
std::string folded(std::string_view name) {
    std::string out(name);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

}  // namespace

registrar::registrar(std::optional<registry> kept, std::string file)
    : kept_(std::move(kept)), file_(std::move(file)) {}

void registrar::configure(const std::map<std::string, std::string>& fixed, registration_rules rules) {
    sites_.fix(fixed);
    rules_ = std::move(rules);
}

bool registrar::look() {
    if (!kept_) return false;
    const auto version = kept_->data_version();
    if (version && *version == version_) return false;
    if (version) version_ = *version;
    return reload();
}

bool registrar::reload() {
    auto listed = kept_->list();
    if (!listed) {
        version_ = -1;
        if (!std::exchange(is_broken_, true)) {
            base::log(base::log_level::error, "registry unreadable, the sites known so far stay",
                      {{"file", file_}, {"reason", listed.error().message()}});
        }
        return false;
    }
    is_broken_ = false;
    sites_.assign(*std::move(listed));
    return true;
}

bool registrar::is_open() const noexcept {
    return kept_ && (rules_.is_for_anybody || !rules_.who.empty());
}

bool registrar::admits(std::string_view owner) const {
    if (!kept_) return false;
    return rules_.is_for_anybody || std::ranges::any_of(rules_.who, [owner](const std::string& who) {
               return who == owner || who == xmpp::domain_of(owner);
           });
}

std::vector<std::string> registrar::names_of(std::string_view owner) const {
    std::vector<std::string> names;
    for (const auto* s : sites_.of_owner(owner))
        if (!s->fixed) names.push_back(s->name);
    return names;
}

registrar::refusal registrar::failed(const error_code& error) const {
    base::log(base::log_level::error, "registry not written",
              {{"file", file_}, {"reason", error.message()}});
    return stanza_error(condition::internal_server_error,
                        "The gateway cannot write its registry just now. Try again later, and tell its "
                        "operator if that does not help.");
}

stanza_error registrar::closed() {
    return {condition::service_unavailable, "Names are given by the gateway's operator alone."};
}

registrar::refusal registrar::judge(const std::string& owner, const std::string& name) const {
    if (!is_open()) return closed();
    if (!admits(owner))
        return stanza_error(condition::not_allowed,
                            "Names are not given to " + owner + " here. Ask the gateway's operator for one.");
    if (name.size() > 63)
        return stanza_error(condition::not_acceptable, "A name has at most 63 characters.");
    if (!is_site_name(name))
        return stanza_error(condition::not_acceptable,
                            "A name is made of the letters a to z, digits and hyphens, with no hyphen at "
                            "either end.");
    const bool is_reserved =
        is_reserved_name(name) || std::ranges::find(rules_.reserved, name) != rules_.reserved.end();
    if (is_reserved) return stanza_error(condition::not_acceptable, name + " is reserved. Choose another name.");
    if (is_encoded_name(name))
        return stanza_error(condition::not_acceptable,
                            "A name has no two hyphens in third and fourth place: such names stand for "
                            "other scripts. Choose another name.");
    if (names_of(owner).size() >= rules_.names_per_owner)
        return stanza_error(condition::not_allowed,
                            "You have " + std::to_string(names_of(owner).size()) +
                                " names, and may not have more. Give one back first.");
    return std::nullopt;
}

registrar::refusal registrar::claim(const std::string& owner, std::string_view typed) {
    const auto name = folded(typed.substr(0, 256));
    look();
    const auto* holder = sites_.find(name);
    if (holder != nullptr && holder->owner == owner) return std::nullopt;
    if (auto why = judge(owner, name)) return why;
    const stanza_error taken(condition::conflict, name + " is taken. Choose another name.");
    if (holder != nullptr) return taken;
    const auto added = kept_->add({name, owner});
    if (!added && added.error() == registry_errc::name_taken) return taken;
    if (!added) return failed(added.error());
    base::log(base::log_level::info, "site registered", {{"site", name}, {"owner", owner}});
    reload();
    return std::nullopt;
}

registrar::refusal registrar::release(const std::string& owner, const std::string& name) {
    const auto removed = kept_ ? kept_->remove_of(owner, name) : result<bool>(false);
    if (!removed) return failed(removed.error());
    if (!*removed) return stanza_error(condition::item_not_found, name + " is not a name that you can give back.");
    base::log(base::log_level::info, "site given back", {{"site", name}, {"owner", owner}});
    reload();
    return std::nullopt;
}

registrar::refusal registrar::release_all(const std::string& owner) {
    look();
    const auto names = names_of(owner);
    if (names.empty()) return stanza_error(condition::registration_required, "You have no names here.");
    for (const auto& name : names)
        if (auto why = release(owner, name)) return why;
    return std::nullopt;
}

}  // namespace crosstalk::gateway
