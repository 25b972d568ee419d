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
    ++revision_;
    return true;
}

bool registrar::is_open() const noexcept {
    return kept_ && (rules_.is_for_anybody || !rules_.who.empty());
}

registrar::refusal registrar::admit(const std::string& owner) const {
    if (!is_open())
        return stanza_error(condition::service_unavailable, "Names are given by the gateway's operator alone.");
    const bool is_named = std::ranges::any_of(rules_.who, [&owner](const std::string& who) {
        return who == owner || who == xmpp::domain_of(owner);
    });
    if (rules_.is_for_anybody || is_named) return std::nullopt;
    return stanza_error(condition::not_allowed,
                        "Names are not given to " + owner + " here. Ask the gateway's operator for one.");
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

registrar::refusal registrar::judge(const std::string& owner, const std::string& name) const {
    if (auto why = admit(owner)) return why;
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
    const auto held = names_of(owner).size();
    if (held >= rules_.names_per_owner)
        return stanza_error(condition::not_allowed,
                            "You have " + std::to_string(held) +
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

registrar::refusal registrar::release_all(const std::string& owner) {
    look();
    const auto names = names_of(owner);
    if (names.empty()) return stanza_error(condition::registration_required, "You have no names here.");
    if (const auto removed = kept_->remove_of(owner); !removed) return failed(removed.error());
    for (const auto& name : names)
        base::log(base::log_level::info, "site given back", {{"site", name}, {"owner", owner}});
    reload();
    return std::nullopt;
}

}  // namespace crosstalk::gateway
