// See srv_order.hpp.
#include "net/srv_order.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>

namespace crosstalk::net {

std::vector<resolver::srv_record> in_trying_order(std::vector<resolver::srv_record> records,
                                                  const std::function<unsigned(unsigned)>& below) {
    // Weight zero comes first within its priority, so that it has a small chance too.
    std::ranges::stable_sort(records, {},
                             [](const auto& r) { return std::tuple(r.priority, r.weight != 0); });
    std::vector<resolver::srv_record> ordered;
    while (!records.empty()) {
        const auto end = std::ranges::find_if(
            records, [&](const auto& r) { return r.priority != records.front().priority; });
        unsigned total = 0;
        std::for_each(records.begin(), end, [&](const auto& r) { total += r.weight; });
        const unsigned drawn = below(total + 1);
        unsigned sum = 0;
        const auto chosen = std::find_if(records.begin(), end, [&](const auto& r) {
            sum += r.weight;
            return sum >= drawn;
        });
        ordered.push_back(std::move(*chosen));
        records.erase(chosen);
    }
    return ordered;
}

}  // namespace crosstalk::net
