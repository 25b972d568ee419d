// Implementation of element.hpp.
#include "xmpp/element.hpp"

#include <algorithm>
#include <array>

#include "xmpp/characters.hpp"

namespace crosstalk::xmpp {

namespace {

enum class byte_class : unsigned char { plain, escaped, in_attributes, multibyte, forbidden };

constexpr std::array<byte_class, 256> make_classes() {
    std::array<byte_class, 256> classes{};
    for (std::size_t i = 0; i < 0x20; ++i) classes[i] = byte_class::forbidden;
    for (std::size_t i = 0x80; i < 0x100; ++i) classes[i] = byte_class::multibyte;
    classes['\t'] = classes['\n'] = byte_class::in_attributes;
    for (const unsigned char c : {'&', '<', '>', '\'', '\r'}) classes[c] = byte_class::escaped;
    return classes;
}
constexpr auto classes = make_classes();

std::string_view reference(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '\'':
            return "&apos;";
        case '\r':
            return "&#13;";
        case '\n':
            return "&#10;";
        case '\t':
            return "&#9;";
        default:
            return "\xEF\xBF\xBD";
    }
}

/// Where the bytes after an illegal one at `i` begin to make sense again.
std::size_t after_illegal(std::string_view text, std::size_t i) {
    const std::size_t most = std::min(text.size(), i + 4);
    for (++i; i < most && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;) ++i;
    return i;
}

void escape(std::string& out, std::string_view text, bool is_attribute) {
    std::size_t written = 0;
    for (std::size_t i = 0; i < text.size();) {
        const byte_class kind = classes[static_cast<unsigned char>(text[i])];
        if (kind == byte_class::plain || (kind == byte_class::in_attributes && !is_attribute)) {
            ++i;
            continue;
        }
        if (kind == byte_class::multibyte) {
            if (const std::size_t length = legal_character(text.substr(i)); length != 0) {
                i += length;
                continue;
            }
        }
        out.append(text, written, i - written);
        // A byte of no legal character may equal none of those that reference() knows.
        out.append(reference(text[i]));
        i = kind == byte_class::multibyte ? after_illegal(text, i) : i + 1;
        written = i;
    }
    out.append(text, written);
}

/// `number` makes the prefix that a foreign namespace needs different from those beside it.
void write_attribute(std::string& out, const attribute& a, std::size_t number) {
    const std::size_t end = a.name.starts_with('{') ? a.name.rfind('}') : std::string::npos;
    std::string name = a.name;
    if (end != std::string::npos) {
        const std::string prefix = "a" + std::to_string(number);
        out.append(" xmlns:").append(prefix).append("='");
        escape(out, std::string_view(a.name).substr(1, end - 1), true);
        out.append("'");
        name = prefix + ':' + a.name.substr(end + 1);
    }
    out.append(" ").append(name).append("='");
    escape(out, a.value, true);
    out.append("'");
}

}  // namespace

std::string_view element::attr(std::string_view name) const noexcept {
    for (const attribute& a : attributes_)
        if (a.name == name) return a.value;
    return {};
}

bool element::has_attr(std::string_view name) const noexcept {
    return std::ranges::any_of(attributes_, [name](const attribute& a) { return a.name == name; });
}

const element* element::child(std::string_view name, std::string_view ns) const noexcept {
    for (const element& e : children_)
        if (e.is(name, ns)) return &e;
    return nullptr;
}

element& element::set(std::string_view name, std::string value) {
    for (attribute& a : attributes_) {
        if (a.name != name) continue;
        a.value = std::move(value);
        return *this;
    }
    attributes_.push_back({std::string(name), std::move(value)});
    return *this;
}

element& element::set_text(std::string text) {
    text_ = std::move(text);
    return *this;
}

element& element::append_text(std::string_view text) {
    text_.append(text);
    return *this;
}

element& element::add(element child) {
    child.place_ = text_.size();
    return children_.emplace_back(std::move(child));
}

void element::write_in(std::string& out, std::string_view parent_ns, bool inherits) const {
    const std::string_view own_ns = ns_.empty() && inherits ? parent_ns : std::string_view(ns_);
    out.append("<").append(name_);
    if (own_ns != parent_ns) {
        out.append(" xmlns='");
        escape(out, own_ns, true);
        out.append("'");
    }
    for (std::size_t i = 0; i < attributes_.size(); ++i) write_attribute(out, attributes_[i], i);
    if (text_.empty() && children_.empty()) {
        out.append("/>");
        return;
    }
    out.append(">");
    std::size_t written = 0;
    for (const element& e : children_) {
        const std::size_t place = std::clamp(e.place_, written, text_.size());
        escape(out, std::string_view(text_).substr(written, place - written), false);
        written = place;
        e.write_in(out, own_ns, inherits);
    }
    escape(out, std::string_view(text_).substr(written), false);
    out.append("</").append(name_).append(">");
}

std::string element::to_xml(std::string_view parent_ns) const {
    std::string out;
    write(out, parent_ns);
    return out;
}

void append_escaped(std::string& out, std::string_view text) { escape(out, text, false); }

}  // namespace crosstalk::xmpp
