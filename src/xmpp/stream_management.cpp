// Implementation of stream_management.hpp.
#include "xmpp/stream_management.hpp"

#include <charconv>

namespace crosstalk::xmpp {

namespace {

constexpr std::uint32_t stanzas_before_asking = 16;
constexpr std::size_t bytes_before_asking = 64 * 1024;

}  // namespace

void stream_management::begin() {
    disable();
    state_ = state::begun;
}

void stream_management::confirm(std::string id) {
    state_ = state::enabled;
    id_ = std::move(id);
}

void stream_management::disable() {
    state_ = state::off;
    lossy_ = asking_ = false;
    id_.clear();
    sent_ = acknowledged_ = received_ = answered_ = first_;
    bytes_since_asking_ = 0;
    forget_kept();
}

void stream_management::forget_kept() noexcept {
    kept_.clear();
    kept_bytes_ = 0;
}

void stream_management::sent(std::string_view stanza) {
    if (state_ == state::off) return;
    ++sent_;
    bytes_since_asking_ += stanza.size();
    if (kept_bytes_ + stanza.size() > kept_limit_) lossy_ = true;
    if (lossy_) return forget_kept();
    kept_.emplace_back(stanza);
    kept_bytes_ += stanza.size();
}

void stream_management::received() noexcept {
    if (is_enabled()) ++received_;
}

bool stream_management::acknowledged(std::uint32_t h) {
    const std::uint32_t more = h - acknowledged_;
    if (more > unacknowledged()) return false;
    for (std::uint32_t i = 0; i < more && !kept_.empty(); ++i) {
        kept_bytes_ -= kept_.front().size();
        kept_.pop_front();
    }
    acknowledged_ = h;
    asking_ = false;
    if (unacknowledged() == 0) lossy_ = false;
    return true;
}

bool stream_management::should_ask() const noexcept {
    if (!is_enabled() || asking_ || unacknowledged() == 0) return false;
    return unacknowledged() >= stanzas_before_asking || bytes_since_asking_ >= bytes_before_asking;
}

void stream_management::asked() noexcept {
    asking_ = true;
    bytes_since_asking_ = 0;
}

void stream_management::resumed() noexcept {
    asking_ = false;
    answered_ = received_;
}

void stream_management::replay(std::string& out) const {
    for (const std::string& stanza : kept_) out += stanza;
}

bool read_count(std::string_view text, std::uint32_t& count) noexcept {
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, count);
    return problem == std::errc() && rest == end && !text.empty();
}

}  // namespace crosstalk::xmpp
