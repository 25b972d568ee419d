// Merging fixed and registered sites into one index.
#include "gateway/directory.hpp"

#include <algorithm>
#include <utility>

#include "xmpp/jid.hpp"

namespace crosstalk::gateway {

void directory::fix(const std::vector<site>& fixed) {
    std::vector<std::string> former;
    for (const auto& [name, known] : sites_)
        if (known.fixed) former.push_back(name);
    for (const auto& name : former) change(name, [](entry& e) { e.fixed.reset(); });
    for (const auto& s : fixed) change(s.name, [&s](entry& e) { e.fixed = std::make_unique<site>(s); });
}

void directory::assign(std::vector<site> registered) {
    std::vector<std::string> former;
    for (const auto& [name, known] : sites_)
        if (known.registered) former.push_back(name);
    for (const auto& name : former) remove(name);
    sites_.reserve(sites_.size() + registered.size());
    for (auto& s : registered) put(std::move(s));
}

void directory::put(site registered) {
    const auto name = registered.name;
    change(name, [&registered](entry& e) { e.registered = std::make_unique<site>(std::move(registered)); });
}

void directory::remove(std::string_view name) {
    change(name, [](entry& e) { e.registered.reset(); });
}

void directory::change(std::string_view name, const std::function<void(entry&)>& how) {
    auto at = sites_.find(name);
    if (at == sites_.end()) at = sites_.emplace(std::string(name), entry()).first;
    if (const auto* before = at->second.shown()) unlink(*before);
    how(at->second);
    if (const auto* now = at->second.shown())
        link(*now);
    else
        sites_.erase(at);
}

void directory::link(const site& shown) {
    auto& names = by_owner_[shown.owner];
    names.insert(std::ranges::lower_bound(names, shown.name), shown.name);
    for (const auto& host : shown.hosts) by_host_[host] = shown.name;
    if (!shown.fixed) ++registered_in_[std::string(xmpp::domain_of(shown.owner))];
}

void directory::unlink(const site& hidden) {
    if (const auto of = by_owner_.find(hidden.owner); of != by_owner_.end()) {
        auto& names = of->second;
        const auto [first, last] = std::ranges::equal_range(names, hidden.name);
        names.erase(first, last);
        if (names.empty()) by_owner_.erase(of);
    }
    for (const auto& host : hidden.hosts) {
        const auto of = by_host_.find(host);
        if (of != by_host_.end() && of->second == hidden.name) by_host_.erase(of);
    }
    if (hidden.fixed) return;
    const auto of = registered_in_.find(xmpp::domain_of(hidden.owner));
    if (--of->second == 0) registered_in_.erase(of);
}

const site* directory::find(std::string_view name) const noexcept {
    const auto at = sites_.find(name);
    return at == sites_.end() ? nullptr : at->second.shown();
}

const site* directory::find_host(std::string_view host) const noexcept {
    const auto at = by_host_.find(host);
    return at == by_host_.end() ? nullptr : find(at->second);
}

std::vector<const site*> directory::of_owner(std::string_view owner) const {
    std::vector<const site*> found;
    if (const auto at = by_owner_.find(owner); at != by_owner_.end()) {
        for (const auto& name : at->second) found.push_back(find(name));
    }
    return found;
}

std::size_t directory::registered_in(std::string_view domain) const noexcept {
    const auto at = registered_in_.find(domain);
    return at == registered_in_.end() ? 0 : at->second;
}

bool directory::is_owner(std::string_view bare) const noexcept {
    return by_owner_.find(bare) != by_owner_.end();
}

std::vector<std::string> directory::owners() const {
    std::vector<std::string> all;
    all.reserve(by_owner_.size());
    for (const auto& [owner, names] : by_owner_) all.push_back(owner);
    return all;
}

void directory::for_each(const std::function<void(const site&)>& visit) const {
    for (const auto& [name, known] : sites_) visit(*known.shown());
}

}  // namespace crosstalk::gateway
