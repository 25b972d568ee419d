// Bare IQs between a component and a client, as fast as the server lets them: what CrossTalk is held
// against.
//
// Four roles, two to a measurement. The component's side measures and prints one line of JSON:
//
//   ask     component: keeps `window` requests outstanding at the client, counts answers for `seconds`
//   answer  client: answers every request by a result that holds its payload
//   take    component: answers every stanza by an empty result, counts stanzas for `seconds`
//   send    client: keeps `window` stanzas outstanding at the component
//
// Rule: a payload is the XML inside an IQ, read from a file and sent as it is.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "stanza_stream.hpp"

namespace crosstalk::bench {
namespace {

using clock = std::chrono::steady_clock;

class options {
  public:
    options(int count, char** words) {
        for (int i = 2; i + 1 < count; i += 2) values_[words[i]] = words[i + 1];
    }

    [[nodiscard]] const std::string& text(const std::string& name) const {
        const auto found = values_.find(name);
        if (found == values_.end()) fail(name + " is missing");
        return found->second;
    }

    [[nodiscard]] std::size_t number(const std::string& name) const {
        const std::string& digits = text(name);
        std::size_t value = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (error != std::errc{} || end != digits.data() + digits.size())
            fail(name + " is not a number");
        return value;
    }

    [[nodiscard]] std::string payload() const {
        std::ifstream file(text("--payload"), std::ios::binary);
        if (!file) fail("cannot read " + text("--payload"));
        return {std::istreambuf_iterator<char>(file), {}};
    }

  private:
    std::map<std::string, std::string> values_;
};

void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
}

/// The server has lost the other side: the measurement is over, or wrong.
void check_type(std::string_view stanza) {
    if (attribute(stanza, "type") == "error") fail("an error came back: " + std::string(stanza));
}

void append_iq(std::string& out, std::string_view type, std::string_view head, std::string_view id,
               std::string_view payload) {
    out.append("<iq type='").append(type).append("' id='").append(id).append("' ").append(head);
    if (payload.empty()) {
        out += "/>";
    } else {
        out.append(">").append(payload).append("</iq>");
    }
}

double seconds_between(clock::time_point from, clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
}

/// Requests that are under way, each in a slot of its own, and how long those that came back took.
class stopwatches {
  public:
    explicit stopwatches(std::size_t window) : started_(window) {}

    void start(std::size_t slot) { started_[slot] = clock::now(); }
    void stop(std::size_t slot) { took_.push_back(seconds_between(started_[slot], clock::now())); }
    [[nodiscard]] std::size_t count() const { return took_.size(); }
    void forget() { took_.clear(); }

    /// In milliseconds; sorts.
    [[nodiscard]] double percentile(double share) {
        std::sort(took_.begin(), took_.end());
        return took_.empty() ? 0
                             : took_[static_cast<std::size_t>(share * double(took_.size() - 1))] * 1e3;
    }

  private:
    std::vector<clock::time_point> started_;
    std::vector<double> took_;
};

void ask(const options& given) {
    stanza_stream stream(static_cast<std::uint16_t>(given.number("--port")));
    log_in_component(stream, given.text("--domain"), given.text("--secret"));
    const std::size_t window = given.number("--window");
    const std::string payload = given.payload();
    const std::string head = "from='" + given.text("--domain") + "' to='" + given.text("--to") + "'";
    stopwatches watches(window);
    std::string out;
    for (std::size_t slot = 0; slot < window; ++slot) {
        watches.start(slot);
        append_iq(out, "set", head, std::to_string(slot), payload);
    }
    const auto warm = clock::now() + std::chrono::milliseconds(300);
    const auto length = std::chrono::seconds(given.number("--seconds"));
    bool is_warm = false;
    clock::time_point begin, now;
    do {
        stream.write(out);
        out.clear();
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            check_type(stanza);
            std::size_t slot = 0;
            const auto id = attribute(stanza, "id");
            std::from_chars(id.data(), id.data() + id.size(), slot);
            if (slot >= window) fail("an answer to nothing");
            watches.stop(slot);
            watches.start(slot);
            append_iq(out, "set", head, id, payload);
        }
        now = clock::now();
        if (!is_warm && now > warm) {
            is_warm = true;
            begin = now;
            watches.forget();
        }
    } while (!is_warm || now < begin + length);
    std::printf("{\"stanzas\": %zu, \"seconds\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
                watches.count(), seconds_between(begin, now), watches.percentile(0.5),
                watches.percentile(0.99));
}

void take(const options& given) {
    stanza_stream stream(static_cast<std::uint16_t>(given.number("--port")));
    log_in_component(stream, given.text("--domain"), given.text("--secret"));
    say_ready();
    const auto length = std::chrono::seconds(given.number("--seconds"));
    clock::time_point begin, now;
    std::size_t stanzas = 0;
    std::string out;
    do {
        stream.read();
        now = clock::now();
        if (begin == clock::time_point{}) {
            begin = now;
        }
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            const std::string head = "from='" + given.text("--domain") + "' to='" +
                                     std::string(attribute(stanza, "from")) + "'";
            append_iq(out, "result", head, attribute(stanza, "id"), {});
            ++stanzas;
        }
        stream.write(out);
        out.clear();
    } while (now < begin + length);
    std::printf("{\"stanzas\": %zu, \"seconds\": %.4f}\n", stanzas, seconds_between(begin, now));
}

account account_of(const options& given) {
    return {given.text("--user"), given.text("--domain"), given.text("--password"),
            given.text("--ca-file")};
}

void answer(const options& given) {
    stanza_stream stream(static_cast<std::uint16_t>(given.number("--port")));
    log_in_client(stream, account_of(given));
    say_ready();
    const std::string payload = given.payload();
    std::string out;
    for (;;) {
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            const std::string head = "to='" + std::string(attribute(stanza, "from")) + "'";
            append_iq(out, "result", head, attribute(stanza, "id"), payload);
        }
        stream.write(out);
        out.clear();
    }
}

void send(const options& given) {
    stanza_stream stream(static_cast<std::uint16_t>(given.number("--port")));
    log_in_client(stream, account_of(given));
    const std::string head = "to='" + given.text("--to") + "'";
    const std::string payload = given.payload();
    std::string out;
    for (std::size_t slot = 0; slot < given.number("--window"); ++slot) {
        append_iq(out, "set", head, std::to_string(slot), payload);
    }
    for (;;) {
        stream.write(out);
        out.clear();
        stream.read();
        for (auto stanza = stream.next(); !stanza.empty(); stanza = stream.next()) {
            check_type(stanza);
            append_iq(out, "set", head, attribute(stanza, "id"), payload);
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
    role->second(options(count, words));
    return 0;
}
