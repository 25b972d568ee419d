// What the person who publishes decides, as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/account.hpp"
#include "peer/guest_list.hpp"

namespace crosstalk::peer {

/// `publish TARGET`, parsed.
struct folder_target {
    std::string path;
    bool listings = false;
};
struct http_target {
    bool tls = false;
    std::string host;  ///< "" for a unix socket
    std::uint16_t port = 80;
    std::string unix_path;  ///< of unix:PATH
    std::string base_path;  ///< of the URL, without a trailing slash: "" as a rule
};

/// Whether requests may come over a direct stream.
enum class direct_use : std::uint8_t {
    when_possible,
    never,
    required,  ///< what comes in band is refused
};

struct settings : net::account {
    std::optional<folder_target> folder;  ///< one of the two; neither: this program itself answers
    std::optional<http_target> http;

    std::vector<std::string> gateways;  ///< domains, prepared; none: only other peers are served
    std::string name;                   ///< "" = whatever names the gateway has for this JID
    std::string visibility;             ///< of a name that is registered: "public", "roster", "listed", or ""

    int priority = -1;  ///< of our presence: the owner's resource with the highest is asked

    bool compresses = true;  ///< what visitors take compressed

    guest_rules guests;  ///< who may ask without a gateway

    direct_use direct = direct_use::when_possible;
    std::vector<std::string> direct_hosts;  ///< besides the gateway's own

    std::size_t buffer = 256 * 1024;          ///< bytes held per transaction and direction
    std::size_t transactions = 1024;          ///< at once, over all gateways
    std::size_t guest_transactions = 256;     ///< of these, of guests
    std::size_t transactions_per_guest = 32;  ///< of one bare JID
};

}  // namespace crosstalk::peer
