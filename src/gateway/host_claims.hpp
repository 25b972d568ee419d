// Hosts of their own for sites: whoever asks proves by a record in the DNS that the host is theirs.
//
// Rule: the proof is made of the host and the asker, so that nobody can use another's; nothing is kept of a
//       question that has not been answered.
#pragma once

#include <string>

#include "gateway/registrar.hpp"
#include "gateway/routes.hpp"
#include "net/dial.hpp"

namespace crosstalk::gateway {

/// Where the record has to be.
[[nodiscard]] std::string proof_record(const std::string& host);
/// What has to be in it.
[[nodiscard]] std::string proof_text(const std::string& secret, const std::string& host, const std::string& owner);

class host_claims {
  public:
    /// Both must outlive this.
    host_claims(registrar& names, net::resolver& dns) : names_(names), dns_(dns) {}

    /// Looks the record up, and gives `host`, as a person types it, to the site. Refused, with what is to be put
    /// into the DNS, while it is not there. `base` is the gateway's own host.
    [[nodiscard]] net::awaitable<registrar::refusal> claim(std::string owner, std::string name, std::string host,
                                                           std::string base);

  private:
    registrar& names_;
    net::resolver& dns_;
};

}  // namespace crosstalk::gateway
