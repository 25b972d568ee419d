#include <doctest/doctest.h>

#include "base/clock.hpp"
#include "crosstalk/transaction.hpp"
#include "talk/decoder.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;

namespace {

const base::time_point start{};

message data(std::string bytes, std::optional<std::uint64_t> offset) {
    message m;
    m.batch = "b";
    m.data = std::move(bytes);
    m.offset = offset;
    return m;
}
message response(unsigned status, std::string body = {}) {
    message m;
    m.batch = "b";
    m.response = response_start{status, {}};
    if (!body.empty()) m.data = std::move(body);
    return m;
}
message finished(std::optional<std::uint64_t> offset) {
    message m;
    m.batch = "b";
    m.offset = offset;
    m.signal = signal_kind::producer_finished;
    return m;
}

struct asker : transaction {
    asker() : transaction(role::asker, "romeo@example.org/x", "b", {}, start) {}
    void get(message m) { receive(std::move(m), start); }
};
struct answerer : transaction {
    explicit answerer(std::size_t buffer = 256 * 1024)
        : transaction(role::answerer, "http.example.org", "b", {buffer}, start) {
        message m;
        m.batch = "b";
        m.request = cgi::environ_map{{"REQUEST_METHOD", "POST"}};
        receive(std::move(m), start);
    }
    void get(message m) { receive(std::move(m), start); }
    // The next message as the other side would read it; nothing when there is none.
    std::optional<message> next(std::size_t budget = 200'000, carrier by = carrier::set) {
        std::string out;
        if (append_next(out, budget, by, true).what != appending::message) return std::nullopt;
        decoder d;
        return std::get<message>(d.decode(out).value().at(0));
    }
};

}  // namespace

TEST_CASE("a response comes in pieces and completes the transaction") {
    asker t;
    t.get(response(200, "ab"));
    t.get(data("cd", 2));
    CHECK(t.response()->status == 200);
    CHECK(t.take(3) == "abc");
    CHECK_FALSE(t.is_over());
    t.get(finished(4));
    CHECK(t.end().kind == end_kind::completed);
    CHECK_FALSE(t.is_drained());
    CHECK(t.take() == "d");
    CHECK(t.is_drained());
}

TEST_CASE("a replay is skipped and a gap ends the transaction") {
    asker t;
    t.get(response(200, "abc"));
    t.get(data("bcd", 1));
    t.get(data("ab", 0));
    CHECK(t.take() == "abcd");
    t.get(data("x", 5));
    CHECK(t.end().kind == end_kind::broken);
    CHECK(t.end().reason == "a gap in the body");
}

TEST_CASE("a lost tail is seen by the offset beside producerFinished") {
    asker t;
    t.get(response(200, "abc"));
    t.get(finished(5));
    CHECK(t.end().kind == end_kind::broken);
    asker without;
    without.get(response(200, "abc"));
    without.get(finished(std::nullopt));
    CHECK(without.end().kind == end_kind::completed);
}

TEST_CASE("what comes out of order breaks the protocol") {
    asker early;
    early.get(data("x", 0));
    CHECK(early.end().kind == end_kind::broken);
    asker no_offset;
    no_offset.get(response(200));
    no_offset.get(data("x", std::nullopt));
    CHECK(no_offset.end().kind == end_kind::broken);
    asker finish_first;
    finish_first.get(finished(0));
    CHECK(finish_first.end().kind == end_kind::broken);
    answerer twice;
    message again;
    again.request = cgi::environ_map{{"REQUEST_METHOD", "GET"}};
    twice.get(std::move(again));
    CHECK(twice.end().kind == end_kind::broken);
    answerer late;
    late.get(finished(0));
    late.get(data("x", 0));
    CHECK(late.end().kind == end_kind::broken);
    CHECK(late.next()->signal == signal_kind::shutdown_microprocess);
}

TEST_CASE("a small answer is one message") {
    answerer t;
    t.respond({200, {{"Content-Type", "text/plain"}}});
    t.write("hello");
    t.finish();
    const auto m = t.next();
    REQUIRE(m);
    CHECK(m->response->status == 200);
    CHECK(m->data == "hello");
    CHECK(m->offset == 0U);
    CHECK(m->signal == signal_kind::producer_finished);
    CHECK(t.end().kind == end_kind::completed);
    CHECK_FALSE(t.next());
}

TEST_CASE("without a window the credit is 65,536 and what results have answered") {
    answerer t;
    t.respond({200, {}});
    t.write(std::string(100'000, 'x'));
    CHECK(t.next()->data->size() == 65'536);
    CHECK_FALSE(t.next());
    t.acknowledge(1000, start);
    CHECK(t.next()->data->size() == 1000);
}

TEST_CASE("a window replaces the first credit and never shrinks") {
    answerer t;
    message w;
    w.window = 10;
    t.get(w);
    t.respond({200, {}});
    t.write(std::string(100, 'x'));
    CHECK(t.next()->data->size() == 10);
    t.acknowledge(10, start);
    CHECK_FALSE(t.next());
    w.window = 5;
    t.get(w);
    CHECK_FALSE(t.next());
    w.window = 30;
    t.get(w);
    CHECK(t.next()->data->size() == 20);
}

TEST_CASE("results carry the first 16 KiB only, until a window has come") {
    answerer t;
    t.respond({200, {}});
    t.write(std::string(40'000, 'x'));
    CHECK(t.next(200'000, transaction::carrier::result)->data->size() == 16'384);
    CHECK_FALSE(t.next(200'000, transaction::carrier::result));
    message w;
    w.window = 30'000;
    t.get(w);
    CHECK(t.next(200'000, transaction::carrier::result)->data->size() == 30'000 - 16'384);
}

TEST_CASE("taking moves the window on in steps of half a buffer") {
    answerer t(1000);
    CHECK(t.next()->window == 1000U);
    t.get(data(std::string(600, 'x'), 0));
    CHECK(t.take(499).size() == 499);
    CHECK_FALSE(t.next());
    CHECK(t.take(1).size() == 1);
    CHECK(t.next()->window == 1500U);
}

TEST_CASE("what is in flight when the first window goes is no overrun, much more is") {
    answerer t(1000);
    CHECK(t.next()->window == 1000U);
    t.get(data(std::string(65'536, 'x'), 0));
    CHECK_FALSE(t.is_overrun());
    t.get(data("y", 65'536));
    CHECK(t.is_overrun());
    CHECK_FALSE(t.is_over());
    t.get(data(std::string(131'072, 'z'), 65'537));
    CHECK(t.end().kind == end_kind::broken);
    CHECK(t.next()->reason == "overrun");
}

TEST_CASE("the buffer bounds what write takes") {
    answerer t(100);
    t.respond({200, {}});
    CHECK(t.room() == 100);
    t.write(std::string(150, 'x'));
    CHECK(t.room() == 0);
    CHECK(t.next()->data->size() == 100);
    CHECK(t.room() == 100);
}

TEST_CASE("a head that is too large for any stanza ends the transaction and says so") {
    answerer t;
    t.respond({200, {{"X", std::string(5000, 'x')}}});
    CHECK_FALSE(t.next(4000));
    CHECK(t.next(8000)->response.has_value());
}

TEST_CASE("giving up is told once and nothing follows it") {
    answerer t;
    t.shut_down("backend-refused");
    const auto m = t.next();
    CHECK(m->signal == signal_kind::shutdown_microprocess);
    CHECK(m->reason == "backend-refused");
    CHECK_FALSE(t.next());
    CHECK(t.room() == 0);
}
