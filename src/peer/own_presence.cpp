// See own_presence.hpp.
#include "peer/own_presence.hpp"

namespace crosstalk::peer {

xmpp::element here(const xmpp::caps& caps, std::string_view to) {
    auto presence = xmpp::make_available(caps, to);
    presence.add({"priority", std::string{xmpp::ns::client}}).set_text("-1");
    return presence;
}

}  // namespace crosstalk::peer
