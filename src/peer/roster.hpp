// The roster of the account that publishes (RFC 6121, 2): fetched at each login, kept up by pushes.
//
// Rule 1: only the account's own server is believed, by the stanza's `from`.
// Rule 2: no I/O: stanzas are polled. What was known stays known until the next login's roster is
// there.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "xmpp/stanza.hpp"

namespace crosstalk::peer {

class roster {
  public:
    roster(std::string own_bare, std::string id_prefix);

    /// A new session, not a resumed one: the roster is asked for.
    void log_in();
    void offline();
    /// Whether the stanza was this room's business; then it is dealt with.
    bool receive(const xmpp::element& stanza);
    [[nodiscard]] std::optional<xmpp::element> next_stanza();
    /// Whether a login's roster has come since this was last asked.
    [[nodiscard]] bool take_loaded() noexcept { return std::exchange(has_loaded_, false); }

    /// Whether a roster has come at all.
    [[nodiscard]] bool is_known() const noexcept { return is_known_; }
    /// "to", "from", "both", "none", or "" for who is not in it.
    [[nodiscard]] std::string_view subscription(std::string_view jid) const;
    /// Whether that contact is shown the owner's presence.
    [[nodiscard]] bool sees_us(std::string_view jid) const;
    /// Whether that contact's presence is shown to the owner.
    [[nodiscard]] bool is_seen(std::string_view jid) const;

  private:
    struct name_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view name) const noexcept {
            return std::hash<std::string_view>{}(name);
        }
    };

    [[nodiscard]] bool is_own_account(std::string_view from) const;
    void take(const xmpp::element& item);

    std::string own_bare_;
    std::string id_prefix_;
    std::string question_;  ///< id of the pending one, or ""
    unsigned serial_ = 0;
    bool is_known_ = false;
    bool has_loaded_ = false;
    std::unordered_map<std::string, std::string, name_hash, std::equal_to<>> contacts_;
    std::deque<xmpp::element> stanzas_;
};

}  // namespace crosstalk::peer
