// See vcard.hpp.
#include "xmpp/vcard.hpp"

#include "base/base64.hpp"
#include "base/digest.hpp"

namespace crosstalk::xmpp {

namespace {

element& add_to(element& parent, std::string name, std::string text = {}) {
    element& added = parent.add(element(std::move(name), parent.ns()));
    added.set_text(std::move(text));
    return added;
}

}  // namespace

element to_element(const vcard& card) {
    element e("vCard", std::string(ns::card));
    add_to(e, "FN", card.name);
    if (!card.url.empty()) add_to(e, "URL", card.url);
    if (!card.description.empty()) add_to(e, "DESC", card.description);
    if (card.picture.empty()) return e;
    element& photo = add_to(e, "PHOTO");
    add_to(photo, "TYPE", "image/png");
    add_to(photo, "BINVAL", base::to_base64(card.picture));
    return e;
}

element picture_update(const vcard& card) {
    element e("x", std::string(ns::card_update));
    const auto& picture = card.picture;
    add_to(e, "photo", picture.empty() ? std::string() : base::to_hex(base::digest(base::hash::sha1, picture)));
    return e;
}

}  // namespace crosstalk::xmpp
