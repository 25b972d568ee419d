// An XML element as a value, for stanzas (RFC 6120, 8), and the only way to write one.
//
// Rule 1: what write() appends is always well-formed: characters that XML 1.0 forbids, and bytes
//         that are not UTF-8, become U+FFFD.
// Rule 2: character data of one element is kept as one string; each child knows where in it it stands,
//         so that mixed content is written as it came.
// Rule 3: stanzas and what else is in a stream's own namespace are in `jabber:client` here, also those
// of
//         a component stream: code above never asks which stream it is, and to_xml() writes a stanza
//         for either, without xmlns.
// Rule 4: an element whose namespace is "" is in its parent's: it is written without xmlns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::xmpp {

/// An attribute. `name` is the local name, or `xml:lang` and its kind for the xml namespace, or
/// `{namespace}local` for any other.
struct attribute {
    std::string name;
    std::string value;
    bool operator==(const attribute&) const = default;
};

class element {
  public:
    element() = default;
    element(std::string name, std::string ns) : name_(std::move(name)), ns_(std::move(ns)) {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    [[nodiscard]] const std::string& ns() const noexcept { return ns_; }
    [[nodiscard]] bool is(std::string_view name, std::string_view ns) const noexcept {
        return name_ == name && ns_ == ns;
    }
    /// The attribute's value, or "" when it is absent.
    [[nodiscard]] std::string_view attr(std::string_view name) const noexcept;
    [[nodiscard]] bool has_attr(std::string_view name) const noexcept;
    [[nodiscard]] const std::vector<attribute>& attributes() const noexcept { return attributes_; }
    /// The character data directly inside.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] const std::vector<element>& children() const noexcept { return children_; }
    /// The first child of that name and namespace, or null.
    [[nodiscard]] const element* child(std::string_view name, std::string_view ns) const noexcept;

    element& set(std::string_view name, std::string value);  ///< sets an attribute
    element& set_text(std::string text);
    element& append_text(std::string_view text);
    /// Appends a child and returns that child.
    element& add(element child);

    /// Appends this element as XML. `xmlns` is written where it differs from `parent_ns`, which for a
    /// stanza is that of the stream.
    void write(std::string& out, std::string_view parent_ns) const { write_in(out, parent_ns, true); }
    /// The same as a document of its own, as it was read: an element without a namespace has none.
    void write_document(std::string& out) const { write_in(out, {}, false); }
    [[nodiscard]] std::string to_xml(std::string_view parent_ns = "jabber:client") const;

    bool operator==(const element&) const = default;

  private:
    void write_in(std::string& out, std::string_view parent_ns, bool inherits) const;

    std::string name_;
    std::string ns_;
    std::vector<attribute> attributes_;
    std::vector<element> children_;
    std::string text_;
    std::size_t place_ = 0;  ///< of this in its parent's text
};

/// Appends `text` as character data; also safe between apostrophes as an attribute's value.
/// A CR is written as a character reference, so that it survives. `"` is left alone.
void append_escaped(std::string& out, std::string_view text);

namespace ns {
inline constexpr std::string_view client = "jabber:client";
inline constexpr std::string_view component = "jabber:component:accept";
inline constexpr std::string_view streams = "http://etherx.jabber.org/streams";
inline constexpr std::string_view stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
inline constexpr std::string_view stream_errors = "urn:ietf:params:xml:ns:xmpp-streams";
inline constexpr std::string_view disco_info = "http://jabber.org/protocol/disco#info";
inline constexpr std::string_view disco_items = "http://jabber.org/protocol/disco#items";
inline constexpr std::string_view caps = "http://jabber.org/protocol/caps";
inline constexpr std::string_view ping = "urn:xmpp:ping";
inline constexpr std::string_view version = "jabber:iq:version";
inline constexpr std::string_view roster = "jabber:iq:roster";
inline constexpr std::string_view delay = "urn:xmpp:delay";
inline constexpr std::string_view json = "urn:xmpp:json:0";
inline constexpr std::string_view crosstalk = "urn:crosstalk:1";
inline constexpr std::string_view http = "urn:xmpp:http";
inline constexpr std::string_view shim = "http://jabber.org/protocol/shim";
inline constexpr std::string_view ibb = "http://jabber.org/protocol/ibb";
inline constexpr std::string_view tls = "urn:ietf:params:xml:ns:xmpp-tls";
inline constexpr std::string_view sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
inline constexpr std::string_view sasl_binding = "urn:xmpp:sasl-cb:0";
inline constexpr std::string_view bind = "urn:ietf:params:xml:ns:xmpp-bind";
inline constexpr std::string_view session = "urn:ietf:params:xml:ns:xmpp-session";
inline constexpr std::string_view stream_management = "urn:xmpp:sm:3";
inline constexpr std::string_view time = "urn:xmpp:time";
inline constexpr std::string_view last_activity = "jabber:iq:last";
inline constexpr std::string_view data_form = "jabber:x:data";
inline constexpr std::string_view registration = "jabber:iq:register";
inline constexpr std::string_view http_auth = "http://jabber.org/protocol/http-auth";
inline constexpr std::string_view hints = "urn:xmpp:hints";
inline constexpr std::string_view commands = "http://jabber.org/protocol/commands";
inline constexpr std::string_view card = "vcard-temp";
inline constexpr std::string_view card_update = "vcard-temp:x:update";
}  // namespace ns

}  // namespace crosstalk::xmpp
