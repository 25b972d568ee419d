// See chat_stanza.hpp.
#include "talk/chat_stanza.hpp"

#include <algorithm>
#include <array>

#include "talk/encoder.hpp"

namespace crosstalk::talk {
namespace {

constexpr std::string_view space = " \t\r\n";
constexpr std::string_view hints =
    "<private xmlns='urn:xmpp:carbons:2'/><no-copy xmlns='urn:xmpp:hints'/>"
    "<no-store xmlns='urn:xmpp:hints'/><no-permanent-store xmlns='urn:xmpp:hints'/></message>";

std::string_view trimmed(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(space) - first + 1);
}

std::string without_space(std::string_view text) {
    std::string dense;
    dense.reserve(text.size());
    std::ranges::copy_if(text, std::back_inserter(dense),
                         [](char c) { return space.find(c) == std::string_view::npos; });
    return dense;
}

/// What stands around the body, at most, as servers write it.
std::size_t envelope_cost(const chat_head& head) noexcept {
    return 1024 + 6 * (head.id.size() + head.to.size() + head.from.size() + head.thread.size());
}

void attribute(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    out.append(" ").append(name).append("='");
    xmpp::append_escaped(out, value);
    out += '\'';
}

/// The object, escaped for XML; what it costs as servers write it.
std::size_t write_object(std::string& out, const message& m, chat_piece how) {
    object_writer w(out);
    write_head(w, m);
    if (m.data) {
        if (how.is_text)
            w.body(*m.data, {m.data->size(), false, 0});
        else
            w.latin1("data", *m.data);
    }
    write_tail(w, m);
    return w.cost();
}

}  // namespace

chat_text open_chat(const xmpp::element& stanza) noexcept {
    chat_text found;
    if (const auto* thread = stanza.child("thread", xmpp::ns::client))
        found.thread = trimmed(thread->text());
    if (const auto* body = stanza.child("body", xmpp::ns::client)) found.body = trimmed(body->text());
    return found;
}

decoded chat_reader::read(const chat_text& text) {
    std::string_view json = text.body;
    if (text.is_packed()) {
        const auto unpacked = unpacker_.unpack(without_space(text.body));
        if (!unpacked) return broken_message{std::string(text.thread), "the body is no message"};
        json = *unpacked;
    }
    return decoder_.decode_threaded(json, text.thread);
}

bool chat_writer::append(std::string& out, const chat_head& head, const message& m, chat_piece how) {
    json_.clear();
    std::size_t cost = write_object(json_, m, how);
    std::string_view body = json_;
    if (head.is_packed) {
        const std::array<std::size_t, 1> ends = {json_.size()};
        body = packer_.pack(json_, ends);
        cost = body.size();
    }
    if (cost + envelope_cost(head) > head.max_stanza) return false;
    out += "<message type='chat'";
    attribute(out, "id", head.id);
    attribute(out, "to", head.to);
    attribute(out, "from", head.from);
    out += "><thread>";
    xmpp::append_escaped(out, head.thread);
    out.append("</thread><body>").append(body).append("</body>").append(hints);
    return true;
}

}  // namespace crosstalk::talk
