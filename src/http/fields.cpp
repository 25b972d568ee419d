// The list of header fields (include/crosstalk/http.hpp).
#include <algorithm>

#include "crosstalk/http.hpp"

namespace crosstalk::http {
namespace {

constexpr std::size_t usual_count = 12;

}  // namespace

const std::string* fields::find(std::string_view name) const noexcept {
    const auto at = std::find_if(list_.begin(), list_.end(),
                                 [name](const field& f) { return iequals(f.name, name); });
    return at == list_.end() ? nullptr : &at->value;
}

std::string_view fields::get(std::string_view name) const noexcept {
    const auto* value = find(name);
    return value == nullptr ? std::string_view() : std::string_view(*value);
}

std::size_t fields::count(std::string_view name) const noexcept {
    return static_cast<std::size_t>(std::count_if(
        list_.begin(), list_.end(), [name](const field& f) { return iequals(f.name, name); }));
}

void fields::add(std::string name, std::string value) {
    if (list_.empty()) list_.reserve(usual_count);
    list_.push_back({std::move(name), std::move(value)});
}

void fields::set(std::string_view name, std::string value) {
    // A copy first: `name` may be a view of a field that goes away here.
    std::string own_name(name);
    const auto at = std::find_if(list_.begin(), list_.end(),
                                 [&](const field& f) { return iequals(f.name, own_name); });
    if (at == list_.end()) return add(std::move(own_name), std::move(value));
    at->value = std::move(value);
    list_.erase(
        std::remove_if(at + 1, list_.end(), [&](const field& f) { return iequals(f.name, own_name); }),
        list_.end());
}

std::size_t fields::remove(std::string_view name) {
    const std::string own_name(name);
    return std::erase_if(list_, [&](const field& f) { return iequals(f.name, own_name); });
}

}  // namespace crosstalk::http
