// Who may ask this peer directly, without a gateway.
//
// Rule 1: a contact counts while the owner lets him see his presence, and only with a local part: a
//         gateway that the owner was once published on is in the roster too, and brings the whole web.
// Rule 2: the owner's own account is always let in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "peer/roster.hpp"

namespace crosstalk::peer {

/// `--allow`, parsed.
struct guest_rules {
    bool anyone = false;
    bool contacts = true;               ///< those of the roster
    std::vector<std::string> accounts;  ///< bare JIDs
    std::vector<std::string> domains;   ///< with everybody there

    /// Admits whom `word` names: "anyone", "roster", a bare JID or a domain. False when it is neither.
    [[nodiscard]] bool admit(std::string_view word);
};

class guest_list {
  public:
    /// `contacts` must outlive this.
    guest_list(guest_rules rules, std::string own_bare, const roster& contacts);

    enum class verdict {
        admitted,
        refused,
        unknown,  ///< until the roster is there
    };
    [[nodiscard]] verdict judge(std::string_view jid) const;

  private:
    guest_rules rules_;
    std::string own_bare_;
    const roster& contacts_;
};

}  // namespace crosstalk::peer
