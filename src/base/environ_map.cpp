// The dictionary's members; see crosstalk/environ.hpp.
#include <algorithm>

#include "crosstalk/environ.hpp"

namespace crosstalk::cgi {

const std::string* environ_map::find(std::string_view name) const noexcept {
    if (name.empty()) return nullptr;
    // Names share their beginnings: length and last character tell most of them apart.
    for (variable const& v : list_)
        if (v.name.size() == name.size() && v.name.back() == name.back() && v.name == name)
            return &v.value;
    return nullptr;
}

std::string_view environ_map::get(std::string_view name) const noexcept {
    const std::string* const value = find(name);
    return value == nullptr ? std::string_view{} : std::string_view{*value};
}

void environ_map::set(std::string_view name, std::string value) {
    for (variable& v : list_) {
        if (v.name != name) continue;
        v.value = std::move(value);
        return;
    }
    list_.push_back({std::string(name), std::move(value)});
}

void environ_map::erase(std::string_view name) {
    std::erase_if(list_, [name](variable const& v) { return v.name == name; });
}

}  // namespace crosstalk::cgi
