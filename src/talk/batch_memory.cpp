// See batch_memory.hpp.
#include "talk/batch_memory.hpp"

namespace crosstalk::talk {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_batches = 4096;
constexpr base::milliseconds batch_lifetime = 10min;

}  // namespace

void batch_memory::remember(const std::string& batch, base::time_point now) {
    if (!known_.insert(batch).second) return;
    order_.emplace_back(now, batch);
    if (order_.size() <= most_batches) return;
    known_.erase(order_.front().second);
    order_.pop_front();
}

void batch_memory::forget_old(base::time_point now) {
    while (!order_.empty() && now - order_.front().first > batch_lifetime) {
        known_.erase(order_.front().second);
        order_.pop_front();
    }
}

}  // namespace crosstalk::talk
