// See namesake_watch.hpp.
#include "gateway/namesake_watch.hpp"

#include <charconv>
#include <string_view>

#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view echo = "echo-";
constexpr unsigned at_first = 8;  ///< with a namesake all of them come back once in 256 times
constexpr unsigned enough = 16;   ///< in order, to think that it is alone again
constexpr base::milliseconds pause = 10s, pause_if_shared = 1s;
constexpr std::size_t most_on_their_way = 64;

}  // namespace

namesake_watch::namesake_watch(std::string domain, const std::string& id)
    : domain_(std::move(domain)), prefix_(std::string(echo) + id + '-') {}

void namesake_watch::attached(time_point now) {
    is_attached_ = true;
    on_their_way_.clear();
    at_once_ = at_first;
    due_ = now;
}

std::optional<xmpp::element> namesake_watch::next(time_point now) {
    if (!is_attached_ || now < due_) return std::nullopt;
    if (at_once_ > 0) --at_once_;
    if (at_once_ == 0) due_ = now + (is_shared_ ? pause_if_shared : pause);
    if (on_their_way_.size() == most_on_their_way) on_their_way_.pop_front();
    on_their_way_.push_back(next_number_);
    // A result for which nobody has asked is dropped by whoever gets it.
    xmpp::element result("iq", std::string(xmpp::ns::client));
    result.set("type", "result").set("id", prefix_ + std::to_string(next_number_++));
    result.set("from", domain_).set("to", domain_);
    return result;
}

bool namesake_watch::receive(const xmpp::element& stanza) {
    const auto id = stanza.attr("id");
    if (!id.starts_with(echo) || stanza.attr("from") != domain_ || stanza.attr("type") != "result")
        return false;
    if (!id.starts_with(prefix_)) {
        suspect();
        return true;
    }
    std::uint64_t number = 0;
    const char* const end = id.data() + id.size();
    const auto read = std::from_chars(id.data() + prefix_.size(), end, number);
    if (read.ec == std::errc() && read.ptr == end) came_back(number);
    return true;
}

void namesake_watch::came_back(std::uint64_t number) {
    if (on_their_way_.empty() || number < on_their_way_.front()) return;  // of an earlier stream
    if (on_their_way_.front() != number) suspect();
    while (!on_their_way_.empty() && on_their_way_.front() <= number) on_their_way_.pop_front();
    if (++in_order_ >= enough) is_shared_ = false;
}

void namesake_watch::suspect() noexcept {
    is_shared_ = true;
    in_order_ = 0;
}

}  // namespace crosstalk::gateway
