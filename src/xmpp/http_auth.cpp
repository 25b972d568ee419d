// See http_auth.hpp.
#include "xmpp/http_auth.hpp"

namespace crosstalk::xmpp {

namespace {

element confirm_element(const http_request& what) {
    element confirm("confirm", std::string(ns::http_auth));
    confirm.set("id", what.id).set("method", what.method).set("url", what.url);
    return confirm;
}

}  // namespace

element ask_to_confirm(std::string_view to, std::string_view from, const http_request& what,
                       std::string_view body) {
    auto message = make_message("normal", to, from, body);
    message.set("id", what.id);
    message.add(element("thread", std::string(ns::client))).set_text(what.id);
    message.add(confirm_element(what));
    message.add(element("no-store", std::string(ns::hints)));
    message.add(element("no-copy", std::string(ns::hints)));
    return message;
}

std::optional<confirm_answer> read_confirm_answer(const element& stanza) {
    const auto* confirm = is_message(stanza) ? stanza.child("confirm", ns::http_auth) : nullptr;
    if (confirm == nullptr) return std::nullopt;
    const auto error = read_error(stanza);
    if (error && error->what != condition::not_authorized) return std::nullopt;
    return confirm_answer{std::string(stanza.attr("from")), std::string(confirm->attr("id")), !error};
}

}  // namespace crosstalk::xmpp
