// Who may open a direct stream (carriage 4 of docs/protocol.md): the answers to <direct/>, and the
// tokens that they hand out.
//
// Rule 1: a token is for one full JID, good once and for 30 s, and the latest is the only one.
// Rule 2: their number is bounded, and comparing them tells nothing by its time.
// Rule 3: no clock, no randomness, no I/O: tokens are arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "gateway/asking.hpp"
#include "gateway/directory.hpp"
#include "gateway/routes.hpp"

namespace crosstalk::gateway {

class direct_offers {
  public:
    static constexpr base::milliseconds lifetime{30'000};
    static constexpr std::size_t most_tokens = 1024;

    /// `sites` and `table` must outlive this.
    direct_offers(const directory& sites, presence_table& table) : sites_(sites), table_(table) {}

    /// The answer to an iq with <direct/>: an offer with `token`, or an error that says why not.
    [[nodiscard]] xmpp::element answer(const xmpp::element& request, const base_address& base,
                                       std::string token, base::time_point now);
    /// Whose token it is, once.
    [[nodiscard]] std::optional<std::string> redeem(std::string_view token, base::time_point now);

  private:
    struct ticket {
        std::string full, token;
        base::time_point until;
    };
    const directory& sites_;
    presence_table& table_;
    std::vector<ticket> tickets_;
};

/// Where peers open direct streams; "" where that would not be safe: a base URL of http whose host is
/// not this machine.
[[nodiscard]] std::string direct_url(const base_address& base);

}  // namespace crosstalk::gateway
