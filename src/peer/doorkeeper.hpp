// Presence from those who want to ask this peer directly: answered with ours, or refused
// (docs/protocol.md, "From peer to peer").
//
// Rule 1: presence is only a courtesy: whether a request is answered is decided when it comes.
// Rule 2: nobody is answered twice for one stanza, and an answer never asks for another: two peers that
//         meet do not talk for ever.
// Rule 3: no I/O: stanzas are polled. Everything kept for others is bounded.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "peer/guest_list.hpp"
#include "peer/own_presence.hpp"

namespace crosstalk::peer {

class doorkeeper {
  public:
    /// `guests` must outlive this.
    doorkeeper(const guest_list& guests, own_presence here);

    /// Whether the presence was this room's business; then it is dealt with. Gateways are not.
    bool receive(const xmpp::element& stanza);
    /// The roster has come: who has waited for it is answered.
    void decide_waiting();
    /// Nobody knows us any more.
    void offline();
    [[nodiscard]] std::optional<xmpp::element> next_stanza();

  private:
    void answer(const std::string& asker);
    void admit(const std::string& asker);
    void push(xmpp::element stanza);

    const guest_list& guests_;
    own_presence here_;
    std::deque<std::string> greeted_;   ///< full JIDs that have our presence, the latest last
    std::vector<std::string> waiting_;  ///< for the roster
    std::deque<xmpp::element> stanzas_;
};

}  // namespace crosstalk::peer
