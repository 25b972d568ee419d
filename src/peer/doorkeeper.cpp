// See doorkeeper.hpp.
#include "peer/doorkeeper.hpp"

#include <algorithm>

namespace crosstalk::peer {
namespace {

constexpr std::size_t most_greeted = 1024;
constexpr std::size_t most_waiting = 64;
constexpr std::size_t most_stanzas = 256;

/// Without `from`: our server puts the full JID there.
xmpp::element refusal_for(const std::string& asker) {
    auto stanza = xmpp::make_presence(xmpp::presence_type::error, asker);
    stanza.add({"crosstalk", std::string{xmpp::ns::crosstalk}});
    stanza.add(xmpp::error_element({xmpp::condition::forbidden, "this publisher has not let you in"}));
    return stanza;
}

}  // namespace

doorkeeper::doorkeeper(const guest_list& guests, own_presence here)
    : guests_(guests), here_(std::move(here)) {}

void doorkeeper::push(xmpp::element stanza) {
    if (stanzas_.size() < most_stanzas) stanzas_.push_back(std::move(stanza));
}

bool doorkeeper::receive(const xmpp::element& stanza) {
    const auto presence = xmpp::read_presence(stanza);
    if (!presence || presence->from.empty()) return false;
    if (presence->type == xmpp::presence_type::unavailable) {
        std::erase(waiting_, presence->from);
        if (std::erase(greeted_, presence->from) == 0) return false;
        // Or our server would keep it among those to be told when we leave.
        push(xmpp::make_presence(xmpp::presence_type::unavailable, presence->from));
        return true;
    }
    const bool asks = presence->type == xmpp::presence_type::available &&
                      stanza.child("crosstalk", xmpp::ns::crosstalk) != nullptr;
    if (asks) answer(presence->from);
    return asks;
}

void doorkeeper::answer(const std::string& asker) {
    switch (guests_.judge(asker)) {
        case guest_list::verdict::admitted:
            return admit(asker);
        case guest_list::verdict::refused:
            return push(refusal_for(asker));
        case guest_list::verdict::unknown:
            std::erase(waiting_, asker);
            if (waiting_.size() < most_waiting) waiting_.push_back(asker);
            return;
    }
}

void doorkeeper::admit(const std::string& asker) {
    std::erase(greeted_, asker);
    greeted_.push_back(asker);
    if (greeted_.size() > most_greeted) greeted_.pop_front();
    push(here_.to(asker));
}

void doorkeeper::decide_waiting() {
    for (const auto& asker : std::exchange(waiting_, {})) answer(asker);
}

void doorkeeper::offline() {
    greeted_.clear();
    waiting_.clear();
    stanzas_.clear();
}

std::optional<xmpp::element> doorkeeper::next_stanza() {
    if (stanzas_.empty()) return std::nullopt;
    auto stanza = std::move(stanzas_.front());
    stanzas_.pop_front();
    return stanza;
}

}  // namespace crosstalk::peer
