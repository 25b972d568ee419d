// See chunk_order.hpp.
#include "talk/chunk_order.hpp"

namespace crosstalk::talk {

chunk_order::verdict chunk_order::add(std::uint64_t number, bool is_last, std::string bytes) {
    if (number < next_ || waiting_.contains(number)) return verdict::repeated;
    const bool is_behind_end = last_ && (number > *last_ || is_last);
    const bool ends_early = is_last && !waiting_.empty() && waiting_.rbegin()->first > number;
    if (is_behind_end || ends_early) return verdict::inconsistent;
    const bool is_next = number == next_;
    if (!is_next && (waiting_.size() >= most_waiting || bytes_ + bytes.size() > most_bytes))
        return verdict::too_far;
    if (is_last) last_ = number;
    bytes_ += bytes.size();
    waiting_.emplace(number, std::move(bytes));
    return verdict::taken;
}

std::optional<std::string> chunk_order::next() {
    const auto first = waiting_.begin();
    if (first == waiting_.end() || first->first != next_) return std::nullopt;
    std::optional<std::string> bytes(std::move(first->second));
    waiting_.erase(first);
    bytes_ -= bytes->size();
    ++next_;
    return bytes;
}

}  // namespace crosstalk::talk
