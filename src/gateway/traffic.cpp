// See traffic.hpp.
#include "gateway/traffic.hpp"

#include <algorithm>

namespace crosstalk::gateway {

traffic::request traffic::begin(const std::string& site) {
    if (sites_.size() >= most_sites && !sites_.contains(site)) forget_some();
    auto& f = sites_[site];
    for (auto* each : {&f, &total_}) {
        ++each->requests;
        ++each->open;
    }
    return {this, site};
}

traffic::flow traffic::of(const std::string& site) const {
    const auto at = sites_.find(site);
    return at == sites_.end() ? flow() : at->second;
}

std::vector<std::pair<std::string, traffic::flow>> traffic::top(std::size_t most) const {
    std::vector<std::pair<std::string, flow>> all(sites_.begin(), sites_.end());
    const auto kept = std::min(most, all.size());
    const auto is_before = [](const auto& a, const auto& b) {
        if (a.second.requests != b.second.requests) return a.second.requests > b.second.requests;
        return a.first < b.first;
    };
    std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), is_before);
    all.resize(kept);
    return all;
}

void traffic::add(const std::string& site, std::uint64_t in, std::uint64_t out) {
    const auto at = sites_.find(site);
    for (auto* each : {&total_, at == sites_.end() ? nullptr : &at->second}) {
        if (each == nullptr) continue;
        each->bytes_in += in;
        each->bytes_out += out;
    }
}

void traffic::end(const std::string& site) {
    --total_.open;
    if (const auto at = sites_.find(site); at != sites_.end() && at->second.open > 0) --at->second.open;
}

/// The half that was asked least, but for those who are being asked; all the same if those are too many.
void traffic::forget_some() {
    std::vector<std::uint64_t> asked;
    asked.reserve(sites_.size());
    for (const auto& [site, f] : sites_) asked.push_back(f.requests);
    const auto middle = asked.begin() + static_cast<std::ptrdiff_t>(asked.size() / 2);
    std::nth_element(asked.begin(), middle, asked.end());
    std::erase_if(sites_, [least = *middle](const auto& s) { return s.second.open == 0 && s.second.requests <= least; });
    if (sites_.size() >= most_sites) sites_.clear();
}

}  // namespace crosstalk::gateway
