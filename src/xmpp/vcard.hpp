// Visiting cards (XEP-0054) with a picture, as clients show them beside a contact.
#pragma once

#include <string>
#include <string_view>

#include "xmpp/element.hpp"

namespace crosstalk::xmpp {

struct vcard {
    std::string name, description, url;
    std::string_view picture = {};  ///< PNG; "" when there is none
};

/// <vCard xmlns='vcard-temp'/>.
[[nodiscard]] element to_element(const vcard& card);
/// What presence says of the picture (XEP-0153), so that clients know when to ask again.
[[nodiscard]] element picture_update(const vcard& card);

}  // namespace crosstalk::xmpp
