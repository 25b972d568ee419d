// See http_auth.hpp.
#include "xmpp/http_auth.hpp"

namespace crosstalk::xmpp {

namespace {

element confirm_element(const http_request& what) {
    element confirm("confirm", std::string(ns::http_auth));
    confirm.set("id", what.id).set("method", what.method).set("url", what.url);
    return confirm;
}

element text_element(std::string name, std::string_view text) {
    element e(std::move(name), std::string(ns::client));
    e.set_text(std::string(text));
    return e;
}

}  // namespace

element ask_to_confirm(std::string_view iq_id, std::string_view to, std::string_view from,
                       const http_request& what) {
    auto iq = make_iq(iq_type::get, iq_id, to, from);
    iq.add(confirm_element(what));
    return iq;
}

element ask_to_confirm_by_message(std::string_view to, std::string_view from, const http_request& what,
                                  std::string_view body) {
    element message("message", std::string(ns::client));
    message.set("to", std::string(to)).set("from", std::string(from)).set("id", what.id);
    message.add(text_element("thread", what.id));
    message.add(text_element("body", body));
    message.add(confirm_element(what));
    message.add(element("no-store", std::string(ns::hints)));
    message.add(element("no-copy", std::string(ns::hints)));
    return message;
}

std::optional<confirm_answer> read_confirm_answer(const element& stanza) {
    const auto* confirm = stanza.child("confirm", ns::http_auth);
    const bool is_refused = stanza.attr("type") == "error";
    const bool is_answer = is_message(stanza) || is_response(stanza);
    if (!is_answer || (confirm == nullptr && is_message(stanza))) return std::nullopt;
    confirm_answer answer;
    answer.from = stanza.attr("from");
    answer.id = confirm == nullptr ? stanza.attr("id") : confirm->attr("id");
    answer.is_confirmed = !is_refused;
    return answer;
}

}  // namespace crosstalk::xmpp
