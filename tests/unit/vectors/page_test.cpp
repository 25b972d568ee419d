#include <doctest/doctest.h>

#include <algorithm>

#include "talk/envelope.hpp"
#include "vectors.hpp"

using namespace crosstalk;
using namespace crosstalk::vectors;

namespace {

// The blocks of that language in docs/protocol.md.
std::vector<std::string> blocks(std::string_view language) {
    const std::string page = whole_file(CROSSTALK_PAGE);
    const std::string opening = "\n```" + std::string(language) + "\n";
    std::vector<std::string> all;
    for (std::size_t at = page.find(opening); at != page.npos; at = page.find(opening, at)) {
        at += opening.size();
        const std::size_t end = page.find("\n```\n", at);
        REQUIRE(end != page.npos);
        all.push_back(page.substr(at, end - at));
        at = end;
    }
    return all;
}

void check_messages(std::string_view json) {
    INFO(std::string(json));
    talk::decoder decoder;
    const auto messages = decoder.decode(json);
    REQUIRE(messages.has_value());
    CHECK_FALSE(messages->empty());
    CHECK(std::ranges::all_of(
        *messages, [](const auto& one) { return std::holds_alternative<talk::message>(one); }));
}

}  // namespace

TEST_CASE("every message that the page shows is one") {
    const auto shown = blocks("json");
    CHECK(shown.size() >= 3);
    for (const auto& json : shown) check_messages(json);
}

TEST_CASE("every stanza that the page shows is well-formed, and so are the messages in it") {
    std::size_t messages = 0;
    for (const auto& block : blocks("xml")) {
        INFO(block);
        for (const auto& stanza : stanzas(block)) {
            CHECK(stanza.ns() == "jabber:client");
            const auto payload = talk::open_envelope(stanza);
            if (!payload || payload->json.empty()) continue;
            check_messages(payload->json);
            ++messages;
        }
    }
    CHECK(messages >= 2);
}
