// See own_presence.hpp.
#include "peer/own_presence.hpp"

namespace crosstalk::peer {

xmpp::element own_presence::to(std::string_view to) const {
    auto presence = xmpp::make_available(caps, to);
    presence.add({"priority", std::string{xmpp::ns::client}}).set_text(std::to_string(priority));
    return presence;
}

}  // namespace crosstalk::peer
