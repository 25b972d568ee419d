// Implementation of stanza.hpp.
#include "xmpp/stanza.hpp"

#include <array>

namespace crosstalk::xmpp {

namespace {

struct condition_row {
    std::string_view name;
    error_type type;
};
/// In the order of `condition`.
constexpr std::array<condition_row, 22> conditions{{
    {"bad-request", error_type::modify},
    {"conflict", error_type::cancel},
    {"feature-not-implemented", error_type::cancel},
    {"forbidden", error_type::auth},
    {"gone", error_type::cancel},
    {"internal-server-error", error_type::cancel},
    {"item-not-found", error_type::cancel},
    {"jid-malformed", error_type::modify},
    {"not-acceptable", error_type::modify},
    {"not-allowed", error_type::cancel},
    {"not-authorized", error_type::auth},
    {"policy-violation", error_type::modify},
    {"recipient-unavailable", error_type::wait},
    {"redirect", error_type::modify},
    {"registration-required", error_type::auth},
    {"remote-server-not-found", error_type::cancel},
    {"remote-server-timeout", error_type::wait},
    {"resource-constraint", error_type::wait},
    {"service-unavailable", error_type::cancel},
    {"subscription-required", error_type::auth},
    {"undefined-condition", error_type::cancel},
    {"unexpected-request", error_type::wait},
}};

/// In the order of `error_type`.
constexpr std::array<std::string_view, 5> error_types{"auth", "cancel", "continue", "modify", "wait"};

std::optional<condition> find_condition(std::string_view name) {
    for (std::size_t i = 0; i < conditions.size(); ++i)
        if (conditions[i].name == name) return static_cast<condition>(i);
    return std::nullopt;
}

std::optional<error_type> find_error_type(std::string_view name) {
    for (std::size_t i = 0; i < error_types.size(); ++i)
        if (error_types[i] == name) return static_cast<error_type>(i);
    return std::nullopt;
}

element answer_to(const element& request, std::string_view type) {
    element answer(request.name(), std::string(ns::client));
    answer.set("type", std::string(type));
    if (request.has_attr("id")) answer.set("id", std::string(request.attr("id")));
    if (request.has_attr("from")) answer.set("to", std::string(request.attr("from")));
    if (request.has_attr("to")) answer.set("from", std::string(request.attr("to")));
    return answer;
}

}  // namespace

bool is_iq(const element& stanza) noexcept { return stanza.is("iq", ns::client); }
bool is_message(const element& stanza) noexcept { return stanza.is("message", ns::client); }
bool is_presence(const element& stanza) noexcept { return stanza.is("presence", ns::client); }

bool is_request(const element& stanza) noexcept {
    const std::string_view type = stanza.attr("type");
    return is_iq(stanza) && (type == "get" || type == "set");
}

bool is_response(const element& stanza) noexcept {
    const std::string_view type = stanza.attr("type");
    return is_iq(stanza) && (type == "result" || type == "error");
}

const element* payload_of(const element& stanza) noexcept {
    return is_request(stanza) && stanza.children().size() == 1 ? &stanza.children().front() : nullptr;
}

bool is_delayed(const element& stanza) noexcept { return stanza.child("delay", ns::delay) != nullptr; }

element make_iq(iq_type type, std::string_view id, std::string_view to, std::string_view from) {
    element iq("iq", std::string(ns::client));
    iq.set("type", type == iq_type::get ? "get" : "set").set("id", std::string(id));
    if (!to.empty()) iq.set("to", std::string(to));
    if (!from.empty()) iq.set("from", std::string(from));
    return iq;
}

element make_message(std::string_view type, std::string_view to, std::string_view from, std::string_view body) {
    element message("message", std::string(ns::client));
    message.set("type", std::string(type)).set("to", std::string(to)).set("from", std::string(from));
    message.add(element("body", std::string(ns::client))).set_text(std::string(body));
    return message;
}

std::string_view to_string(condition c) noexcept {
    return conditions[static_cast<std::size_t>(c)].name;
}
std::string_view to_string(error_type t) noexcept { return error_types[static_cast<std::size_t>(t)]; }
error_type usual_type(condition c) noexcept { return conditions[static_cast<std::size_t>(c)].type; }

element make_result(const element& request) { return answer_to(request, "result"); }

element make_error(const element& request, const stanza_error& error) {
    element answer = answer_to(request, "error");
    answer.add(error_element(error));
    return answer;
}

element error_element(const stanza_error& error) {
    element e("error", std::string(ns::client));
    e.set("type", std::string(to_string(error.type)));
    if (!error.by.empty()) e.set("by", error.by);
    e.add(element(std::string(to_string(error.what)), std::string(ns::stanzas)));
    if (!error.text.empty()) e.add(element("text", std::string(ns::stanzas))).set_text(error.text);
    return e;
}

std::optional<stanza_error> read_error(const element& stanza) {
    if (stanza.attr("type") != "error") return std::nullopt;
    stanza_error read;
    const element* e = stanza.child("error", ns::client);
    if (e == nullptr) return read;
    for (const element& child : e->children()) {
        if (child.ns() != ns::stanzas) continue;
        if (child.name() == "text")
            read.text = child.text();
        else if (const auto found = find_condition(child.name()))
            read.what = *found;
    }
    read.type = find_error_type(e->attr("type")).value_or(usual_type(read.what));
    read.by = e->attr("by");
    return read;
}

}  // namespace crosstalk::xmpp
