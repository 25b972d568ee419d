// See contact_report.hpp.
#include "peer/contact_report.hpp"

#include "base/console.hpp"

namespace crosstalk::peer {

std::string describe(const contact_event& event, const std::string& name, const std::string& own_bare) {
    const std::string gateway = "the gateway " + base::printable(event.gateway);
    const std::string site = name.empty() ? "site " : "site " + name + ' ';
    const std::string command = "crosstalk site add " + (name.empty() ? "NAME" : name) + ' ' + own_bare;
    switch (event.what) {
        case contact_event::kind::refused:
            if (!event.reason.empty())
                return gateway + " does not give the name " + name + " to " + own_bare + ": " +
                       base::printable(event.reason) +
                       (event.text.empty() ? "" : "\nThere it has these: " + event.text);
            return gateway + " has no " + site + "for " + own_bare + ". Its operator has to run: " + command +
                   (event.text.empty() ? "" : "\nThere it has these: " + event.text);
        case contact_event::kind::unreachable:
            return gateway + " cannot be reached: " + base::printable(event.text) +
                   ". Trying again until it can. Check --gateway if this lasts.";
        case contact_event::kind::back:
            return gateway + " is back";
        case contact_event::kind::withdrawn:
            return gateway + " has no " + site + "for " + own_bare +
                   " any more. It is up again as soon as there is one. Its operator can run: " + command;
        case contact_event::kind::site_up:
            break;
    }
    return {};
}

}  // namespace crosstalk::peer
