#include <doctest/doctest.h>

#include "crosstalk/transaction.hpp"
#include "vectors.hpp"

using namespace crosstalk;
using namespace crosstalk::vectors;
using talk::transaction;

namespace {

constexpr transaction::time_point start{};

transaction make(talk::role role) { return {role, "j@example/r", "b", {16 * 1024 * 1024}, start}; }

talk::message message_of(const element& e) {
    talk::decoder decoder;
    auto read = decoder.decode_one(simdjson::minify(e));
    REQUIRE(read.has_value());
    auto* const m = std::get_if<talk::message>(&*read);
    REQUIRE(m != nullptr);
    return std::move(*m);
}

talk::message next_message(transaction& t, transaction::carrier by = transaction::carrier::set) {
    std::string out;
    const auto sent = t.append_next(out, 1024 * 1024, by, true);
    REQUIRE(sent.what == transaction::appending::message);
    talk::decoder decoder;
    auto read = decoder.decode_one(out);
    REQUIRE(read.has_value());
    return std::get<talk::message>(*std::move(read));
}

void check_end(transaction& t, const element& v) {
    CHECK(t.is_over() == (has(v, "shutdown") || has(v, "ended")));
    if (has(v, "shutdown")) {
        const auto last = next_message(t);
        CHECK(last.signal == talk::signal_kind::shutdown_microprocess);
        CHECK(last.reason == text(v, "shutdown"));
    }
    if (has(v, "ended")) {
        CHECK(t.end().reason == text(v, "ended"));
        CHECK_FALSE(t.has_output(transaction::carrier::set, true));
    }
}

std::uint64_t send_all(transaction& t, transaction::carrier by) {
    std::uint64_t body = 0;
    std::string out;
    while (true) {
        const auto sent = t.append_next(out, 1024 * 1024, by, true);
        if (sent.what != transaction::appending::message) return body;
        body += sent.body;
    }
}

}  // namespace

TEST_CASE("bodies arrive, or break off, as the vectors say") {
    const file vectors("transfers.json");
    for (const element& v : vectors.cases("transfers")) {
        const bool is_asker = text(v, "receiver") == "asker";
        INFO(text(v, "name"), " at the ", text(v, "receiver"));
        transaction t = make(is_asker ? talk::role::asker : talk::role::answerer);
        std::string body;
        for (const element m : simdjson::dom::array(v["messages"])) {
            t.receive(message_of(m), start);
            body += t.take();
        }
        if (has(v, "body")) {
            CHECK(body == unpacked(text(v, "body")));
            CHECK(t.is_drained() == bool(v["finished"]));
            const auto done = is_asker && bool(v["finished"]);
            CHECK(t.end().kind == (done ? talk::end_kind::completed : talk::end_kind::open));
        } else {
            check_end(t, v);
        }
    }
}

TEST_CASE("a sender's credit is what the vectors say") {
    const file vectors("credit.json");
    for (const element& v : vectors.cases("credit")) {
        INFO(text(v, "name"));
        const bool in_results = text(v, "carrier") == "result";
        const auto by = in_results ? transaction::carrier::result : transaction::carrier::set;
        transaction t = make(talk::role::answerer);
        talk::message request;
        request.batch = "b";
        request.request = cgi::environ_map{{"REQUEST_METHOD", "GET"}};
        t.receive(std::move(request), start);
        t.respond({200, {}});
        for (const element step : simdjson::dom::array(v["steps"])) {
            t.write(std::string(t.room(), 'x'));
            if (has(step, "answered")) t.acknowledge(number(step, "answered"), start);
            if (has(step, "window")) {
                talk::message window;
                window.batch = "b";
                window.window = number(step, "window");
                t.receive(std::move(window), start);
            }
            INFO(simdjson::minify(step));
            CHECK(send_all(t, by) == number(step, "sends"));
        }
    }
}
