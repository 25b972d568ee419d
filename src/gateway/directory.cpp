// Merging fixed and registered sites into one index.
#include "gateway/directory.hpp"

#include <algorithm>

namespace crosstalk::gateway {

void directory::fix(const std::map<std::string, std::string>& fixed) {
    fixed_.clear();
    for (const auto& [name, owner] : fixed) fixed_.push_back({name, owner, true, 0});
    index();
}

void directory::assign(std::vector<site> registered) {
    registered_ = std::move(registered);
    index();
}

void directory::index() {
    by_name_.clear();
    by_owner_.clear();
    // emplace keeps what is there: the fixed ones come first.
    for (const auto& s : fixed_) by_name_.emplace(s.name, s);
    for (const auto& s : registered_) by_name_.emplace(s.name, s);
    for (const auto& [name, s] : by_name_) by_owner_[s.owner].push_back(name);
    for (auto& [owner, names] : by_owner_) std::sort(names.begin(), names.end());
}

const site* directory::find(std::string_view name) const noexcept {
    const auto at = by_name_.find(name);
    return at == by_name_.end() ? nullptr : &at->second;
}

std::vector<const site*> directory::of_owner(std::string_view owner) const {
    std::vector<const site*> found;
    if (const auto at = by_owner_.find(owner); at != by_owner_.end()) {
        for (const auto& name : at->second) found.push_back(find(name));
    }
    return found;
}

bool directory::is_owner(std::string_view bare) const noexcept {
    return by_owner_.find(bare) != by_owner_.end();
}

std::vector<std::string> directory::owners() const {
    std::vector<std::string> all;
    all.reserve(by_owner_.size());
    for (const auto& [owner, names] : by_owner_) all.push_back(owner);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace crosstalk::gateway
