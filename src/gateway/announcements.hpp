// What the operator tells the owners of sites, one message each.
//
// Rule: nothing is made before it can be sent, and their number is bounded.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "xmpp/element.hpp"

namespace crosstalk::gateway {

struct announcement {
    std::string subject, text;
    bool is_for_absent = false;  ///< the server may keep it for who is not online
};

class announcements {
  public:
    static constexpr std::size_t most = 8;  ///< on their way at once

    explicit announcements(std::string from) : from_(std::move(from)) {}

    /// Whether it is on its way; not when there are too many, or nobody to tell.
    [[nodiscard]] bool add(announcement told, std::vector<std::string> owners);
    /// The next message to send.
    [[nodiscard]] std::optional<xmpp::element> next();

  private:
    struct round {
        announcement told;
        std::vector<std::string> owners;  ///< who have yet to be told
    };
    std::string from_;
    std::deque<round> waiting_;
};

}  // namespace crosstalk::gateway
