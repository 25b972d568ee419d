// Which servers let the gateway read the rosters of their users (XEP-0356).
//
// Rule 1: a server speaks for its own users alone.
// Rule 2: what is remembered is bounded, and gone with the stream to the gateway's server.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "xmpp/jid.hpp"
#include "xmpp/privilege.hpp"

namespace crosstalk::gateway {

class roster_grants {
  public:
    static constexpr std::size_t most = 100;

    /// Whether it is anything new.
    bool take(const xmpp::roster_grant& said) {
        if (!said.may_read) return domains_.erase(said.domain) != 0;
        return domains_.size() < most && domains_.insert(said.domain).second;
    }
    [[nodiscard]] bool may_read(std::string_view bare) const { return domains_.contains(xmpp::domain_of(bare)); }
    void forget() { domains_.clear(); }

  private:
    std::set<std::string, std::less<>> domains_;
};

}  // namespace crosstalk::gateway
