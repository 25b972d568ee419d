#include "vectors.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "base/base64.hpp"
#include "xmpp/stream_parser.hpp"

namespace crosstalk::vectors {
namespace {

http::fields header_list(const element& list) {
    http::fields fields;
    for (const element pair : simdjson::dom::array(list))
        fields.add(bytes(std::string_view(pair.at(0))), bytes(std::string_view(pair.at(1))));
    return fields;
}

cgi::environ_map variables(const element& dictionary) {
    cgi::environ_map map;
    for (const auto [name, value] : simdjson::dom::object(dictionary))
        map.set(name, bytes(std::string_view(value)));
    return map;
}

talk::signal_kind signal_of(const element& e) {
    if (!has(e, "signal")) return talk::signal_kind::none;
    if (text(e, "signal") == "producerFinished") return talk::signal_kind::producer_finished;
    REQUIRE(text(e, "signal") == "shutdownMicroprocess");
    return talk::signal_kind::shutdown_microprocess;
}

talk::message meaning(const element& e) {
    talk::message m;
    m.batch = text(e, "batch");
    if (has(e, "request")) m.request = variables(e["request"]);
    if (has(e, "status"))
        m.response =
            talk::response_start{static_cast<unsigned>(number(e, "status")), header_list(e["headers"])};
    if (has(e, "body")) m.data = unpacked(text(e, "body"));
    if (has(e, "offset")) m.offset = number(e, "offset");
    if (has(e, "window")) m.window = number(e, "window");
    m.signal = signal_of(e);
    if (has(e, "reason")) m.reason = text(e, "reason");
    if (has(e, "require"))
        for (const element name : simdjson::dom::array(e["require"]))
            m.require.emplace_back(std::string_view(name));
    return m;
}

}  // namespace

file::file(const std::string& name) {
    root_ = parser_.load(std::string(CROSSTALK_VECTORS) + "/" + name);
}

std::vector<element> file::cases(std::string_view key) const {
    std::vector<element> all;
    for (const element one : simdjson::dom::array(root_[key])) all.push_back(one);
    REQUIRE_FALSE(all.empty());
    return all;
}

std::string whole_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    REQUIRE(in);
    return {std::istreambuf_iterator<char>(in), {}};
}

bool has(const element& object, std::string_view key) {
    return object[key].error() == simdjson::SUCCESS;
}

std::string text(const element& object, std::string_view key) {
    return std::string(std::string_view(object[key]));
}

std::uint64_t number(const element& object, std::string_view key) { return std::uint64_t(object[key]); }

std::string bytes(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x80) {
            out += text[i];
            continue;
        }
        REQUIRE((c == 0xC2 || c == 0xC3));
        out += static_cast<char>(((c & 3) << 6) | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
    return out;
}

std::string unpacked(std::string_view base64) {
    auto out = base::from_base64(base64);
    REQUIRE(out.has_value());
    return *std::move(out);
}

std::vector<talk::decoded> meanings(const element& vector) {
    std::vector<talk::decoded> all;
    for (const element one : simdjson::dom::array(vector["means"])) {
        if (has(one, "broken"))
            all.emplace_back(talk::broken_message{text(one, "broken"), {}});
        else
            all.emplace_back(meaning(one));
    }
    return all;
}

std::vector<talk::decoded> without_words(std::vector<talk::decoded> read) {
    for (auto& one : read) {
        auto* const broken = std::get_if<talk::broken_message>(&one);
        if (broken == nullptr) continue;
        CHECK_FALSE(broken->why.empty());
        broken->why.clear();
    }
    return read;
}

std::vector<xmpp::element> stanzas(std::string_view xml) {
    xmpp::stream_parser parser;
    REQUIRE(parser
                .feed("<stream:stream xmlns='jabber:client' "
                      "xmlns:stream='http://etherx.jabber.org/streams'>")
                .has_value());
    INFO(parser.trouble());
    REQUIRE(parser.feed(xml).has_value());
    std::vector<xmpp::element> all;
    while (auto part = parser.poll())
        if (auto* const stanza = std::get_if<xmpp::element>(&*part)) all.push_back(std::move(*stanza));
    return all;
}

}  // namespace crosstalk::vectors
