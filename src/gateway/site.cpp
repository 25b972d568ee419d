// What may name a site.
#include "gateway/site.hpp"

#include <algorithm>

namespace crosstalk::gateway {

bool is_site_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
    return std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace crosstalk::gateway
