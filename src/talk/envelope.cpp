// See envelope.hpp.
#include "talk/envelope.hpp"

#include <charconv>

namespace crosstalk::talk {
namespace {

void attribute(std::string& out, std::string_view name, std::string_view value) {
    out += ' ';
    out += name;
    out += "='";
    xmpp::append_escaped(out, value);
    out += '\'';
}

void open_iq(std::string& out, const envelope_head& head) {
    out += "<iq";
    attribute(out, "type", head.type);
    attribute(out, "id", head.id);
    attribute(out, "to", head.to);
    if (!head.from.empty()) attribute(out, "from", head.from);
}

}  // namespace

std::optional<payload> open_envelope(const xmpp::element& stanza) {
    const xmpp::element* crosstalk = stanza.child("crosstalk", xmpp::ns::crosstalk);
    if (crosstalk == nullptr) return std::nullopt;
    payload p;
    const std::string_view limit = crosstalk->attr("max-stanza");
    std::from_chars(limit.data(), limit.data() + limit.size(), p.max_stanza);
    p.accepts_packed = crosstalk->attr("accept") == "deflate";
    if (const xmpp::element* json = crosstalk->child("json", xmpp::ns::json))
        p.json = json->text();
    else if (const xmpp::element* packed = crosstalk->child("deflate", xmpp::ns::crosstalk))
        p.packed = packed->text();
    else
        p.is_readable = crosstalk->children().empty();
    return p;
}

std::size_t open_messages(std::string& out, const envelope_head& head) {
    open_iq(out, head);
    out += "><crosstalk xmlns='urn:crosstalk:1' accept='deflate' max-stanza='";
    out += std::to_string(head.max_stanza);
    out += "'>";
    const std::size_t payload = out.size();
    out += "<json xmlns='urn:xmpp:json:0'>";
    return payload;
}

void close_messages(std::string& out) { out += "</json></crosstalk></iq>"; }

void close_packed(std::string& out, std::size_t payload, std::string_view packed) {
    out.resize(payload);
    out += "<deflate>";
    out += packed;
    out += "</deflate></crosstalk></iq>";
}

void append_empty_result(std::string& out, const envelope_head& head) {
    open_iq(out, head);
    out += "/>";
}

}  // namespace crosstalk::talk
