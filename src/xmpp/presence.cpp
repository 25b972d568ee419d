// Implementation of presence.hpp.
#include "xmpp/presence.hpp"

#include <array>
#include <charconv>

namespace crosstalk::xmpp {

namespace {

/// In the order of `presence_type`; available has no type attribute.
constexpr std::array<std::string_view, 8> type_names{
    "", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe", "error"};

std::optional<presence_type> find_type(std::string_view name) {
    for (std::size_t i = 0; i < type_names.size(); ++i)
        if (type_names[i] == name) return static_cast<presence_type>(i);
    return std::nullopt;
}

/// RFC 6121, 4.7.2.3; what is no such number counts as 0.
int read_priority(const element& stanza) {
    const element* e = stanza.child("priority", ns::client);
    if (e == nullptr) return 0;
    int value = 0;
    const char* end = e->text().data() + e->text().size();
    const auto [rest, problem] = std::from_chars(e->text().data(), end, value);
    return problem == std::errc() && rest == end && value >= -128 && value <= 127 ? value : 0;
}

}  // namespace

std::optional<presence> read_presence(const element& stanza) {
    if (!is_presence(stanza)) return std::nullopt;
    const std::optional<presence_type> type = find_type(stanza.attr("type"));
    if (!type) return std::nullopt;
    presence read;
    read.type = *type;
    read.from = stanza.attr("from");
    read.to = stanza.attr("to");
    read.id = stanza.attr("id");
    read.priority = read_priority(stanza);
    read.caps = read_caps(stanza);
    read.error = read_error(stanza);
    return read;
}

element make_presence(presence_type type, std::string_view to, std::string_view from) {
    element stanza("presence", std::string(ns::client));
    if (type != presence_type::available)
        stanza.set("type", std::string(type_names[static_cast<std::size_t>(type)]));
    if (!to.empty()) stanza.set("to", std::string(to));
    if (!from.empty()) stanza.set("from", std::string(from));
    return stanza;
}

element make_available(const caps& announced, std::string_view to, std::string_view from) {
    element stanza = make_presence(presence_type::available, to, from);
    stanza.add(to_element(announced));
    return stanza;
}

}  // namespace crosstalk::xmpp
