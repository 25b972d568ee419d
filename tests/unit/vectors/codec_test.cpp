#include <doctest/doctest.h>

#include "talk/encoder.hpp"
#include "talk/envelope.hpp"
#include "talk/packing.hpp"
#include "vectors.hpp"

using namespace crosstalk;
using namespace crosstalk::vectors;

namespace {

result<std::vector<talk::decoded>> read(const talk::payload& payload) {
    talk::decoder decoder;
    if (payload.packed.empty()) return decoder.decode(payload.json);
    talk::unpacker unpacker;
    const auto json = unpacker.unpack(payload.packed);
    if (!json) return json.error();
    return decoder.decode(*json);
}

// What an XML parser makes of text that we write.
std::string through_xml(std::string_view text) {
    const auto all = stanzas("<a>" + std::string(text) + "</a>");
    REQUIRE(all.size() == 1);
    return all[0].text();
}

}  // namespace

TEST_CASE("payloads mean what the vectors say, and what breaks the protocol is told with its batch") {
    const file vectors("messages.json");
    talk::decoder decoder;
    for (const element& v : vectors.cases("payloads")) {
        INFO(text(v, "name"));
        const auto messages = decoder.decode(text(v, "json"));
        CHECK(messages.has_value() == !has(v, "refused"));
        if (messages && has(v, "means")) CHECK(without_words(*messages) == meanings(v));
    }
}

TEST_CASE("every message of the vectors survives our own encoder") {
    const file vectors("messages.json");
    talk::decoder decoder;
    for (const element& v : vectors.cases("payloads")) {
        INFO(text(v, "name"));
        if (!has(v, "means")) continue;
        for (const auto& meant : meanings(v)) {
            const auto* const m = std::get_if<talk::message>(&meant);
            if (m == nullptr) continue;
            std::string out;
            (void)talk::append_message(out, *m);
            const auto back = decoder.decode(through_xml(out));
            REQUIRE(back.has_value());
            CHECK(*back == std::vector<talk::decoded>{*m});
        }
    }
}

TEST_CASE("stanzas hold the messages that the vectors say") {
    const file vectors("stanzas.json");
    for (const element& v : vectors.cases("stanzas")) {
        INFO(text(v, "name"));
        const auto all = stanzas(text(v, "xml"));
        REQUIRE(all.size() == 1);
        const auto payload = talk::open_envelope(all[0]);
        REQUIRE(payload.has_value());
        CHECK(payload->is_readable == (!has(v, "refused") || text(v, "refused") != "not-acceptable"));
        if (!payload->is_readable) continue;
        if (has(v, "max-stanza")) CHECK(payload->max_stanza == number(v, "max-stanza"));
        if (has(v, "accepts-packed")) CHECK(payload->accepts_packed == bool(v["accepts-packed"]));
        const auto messages = read(*payload);
        CHECK(messages.has_value() == !has(v, "refused"));
        if (messages && has(v, "means")) CHECK(without_words(*messages) == meanings(v));
    }
}

TEST_CASE("bodies go as text or as base64, whichever costs less on the wire") {
    const file vectors("bodies.json");
    for (const element& v : vectors.cases("bodies")) {
        INFO(text(v, "name"));
        const std::string body = unpacked(text(v, "body"));
        const auto how = talk::fit_body(body, 7 * body.size() + 8);
        CHECK(how.base64 == (text(v, "goes-as") == "base64"));
        CHECK((how.base64 || how.bytes == body.size()));
        CHECK(how.cost == number(v, how.base64 ? "base64-costs" : "text-costs"));
    }
}
