// Bare IQs between a component and a client, as fast as the server lets them: what CrossTalk is held
// against.
//
// Four roles, two to a measurement. The component's side measures and prints one line of JSON:
//
//   ask     component: keeps `window` requests outstanding, dealt out to the clients `to` (a,b,…), and
//           counts answers for so many `milliseconds`
//   answer  client: answers every request by a result that holds its payload
//   take    component: answers every stanza by an empty result, counts stanzas for `milliseconds`
//   send    client: keeps `window` stanzas outstanding at the component
//
// Rule: a payload is the XML inside an IQ, read from a file and sent as it is.
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "measuring.hpp"
#include "stanza_stream.hpp"

namespace crosstalk::bench {
namespace {

std::string read_payload(const options& given) {
    std::ifstream file(given.text("--payload"), std::ios::binary);
    if (!file) fail("cannot read " + given.text("--payload"));
    return {std::istreambuf_iterator<char>(file), {}};
}

void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
}

/// A server that has lost the other side says so.
void check_type(std::string_view stanza) {
    if (attribute(stanza, "type") == "error") fail("an error came back: " + std::string(stanza));
}

void append_iq(std::string& out, std::string_view type, std::string_view addresses, std::string_view id,
               std::string_view payload) {
    out.append("<iq type='").append(type).append("' id='").append(id).append("' ").append(addresses);
    if (payload.empty()) {
        out += "/>";
    } else {
        out.append(">").append(payload).append("</iq>");
    }
}

/// The slot that an answer's id names.
std::size_t slot_of(std::string_view stanza, std::size_t window) {
    const auto id = attribute(stanza, "id");
    std::size_t slot = window;
    std::from_chars(id.data(), id.data() + id.size(), slot);
    if (slot >= window) fail("an answer to nothing: " + std::string(stanza));
    return slot;
}

stanza_stream connect(const options& given) {
    return stanza_stream(static_cast<std::uint16_t>(given.number("--port")));
}

stanza_stream connect_component(const options& given) {
    auto stream = connect(given);
    log_in_component(stream, given.text("--domain"), given.text("--secret"));
    say_ready();
    return stream;
}

stanza_stream connect_client(const options& given) {
    auto stream = connect(given);
    log_in_client(stream, {given.text("--user"), given.text("--domain"), given.text("--password"),
                           given.text("--ca-file")});
    say_ready();
    return stream;
}

void ask(const options& given) {
    auto stream = connect_component(given);
    const std::size_t window = given.number("--window");
    const std::string payload = read_payload(given);
    std::vector<std::string> addresses;
    for (const std::string& to : given.list("--to"))
        addresses.push_back("from='" + given.text("--domain") + "' to='" + to + "'");
    stopwatches watches(window, std::chrono::milliseconds(given.number("--milliseconds")));
    std::string out;
    for (std::size_t slot = 0; slot < window; ++slot) {
        watches.start(slot);
        append_iq(out, "set", addresses[slot % addresses.size()], std::to_string(slot), payload);
    }
    while (!watches.is_over()) {
        stream.write(out);
        out.clear();
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            check_type(stanza);
            const auto slot = slot_of(stanza, window);
            watches.stop(slot);
            watches.start(slot);
            append_iq(out, "set", addresses[slot % addresses.size()], attribute(stanza, "id"), payload);
        }
    }
    watches.print();
}

void answer(const options& given) {
    auto stream = connect_client(given);
    const std::string payload = read_payload(given);
    std::string out;
    for (;;) {
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            const std::string addresses = "to='" + std::string(attribute(stanza, "from")) + "'";
            append_iq(out, "result", addresses, attribute(stanza, "id"), payload);
        }
        stream.write(out);
        out.clear();
    }
}

void take(const options& given) {
    auto stream = connect_component(given);
    stream.read();
    stopwatches watches(1, std::chrono::milliseconds(given.number("--milliseconds")));
    watches.start(0);
    std::string out;
    while (!watches.is_over()) {
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            const std::string addresses = "from='" + given.text("--domain") + "' to='" +
                                          std::string(attribute(stanza, "from")) + "'";
            append_iq(out, "result", addresses, attribute(stanza, "id"), {});
            watches.stop(0);
            watches.start(0);
        }
        stream.write(out);
        out.clear();
        stream.read();
    }
    watches.print();
}

void send(const options& given) {
    auto stream = connect_client(given);
    const std::string addresses = "to='" + given.text("--to") + "'";
    const std::string payload = read_payload(given);
    std::string out;
    for (std::size_t slot = 0; slot < given.number("--window"); ++slot) {
        append_iq(out, "set", addresses, std::to_string(slot), payload);
    }
    for (;;) {
        stream.write(out);
        out.clear();
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            check_type(stanza);
            append_iq(out, "set", addresses, attribute(stanza, "id"), payload);
        }
    }
}

}  // namespace
}  // namespace crosstalk::bench

int main(int count, char** words) {
    using namespace crosstalk::bench;
    const std::map<std::string, void (*)(const options&)> roles = {
        {"ask", ask}, {"answer", answer}, {"take", take}, {"send", send}};
    const auto role = roles.find(count > 1 ? words[1] : "");
    if (role == roles.end()) fail("usage: bare ask|answer|take|send --OPTION VALUE …");
    role->second(options(count, words, 2));
    return 0;
}
