#include <doctest/doctest.h>

#include <string>

#include "talk/decoder.hpp"
#include "talk/encoder.hpp"

using namespace crosstalk;
using namespace crosstalk::talk;

namespace {

// What an XML parser makes of the text that we write.
std::string unescape(std::string text) {
    for (const auto& [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
        for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; ++at)
            text.replace(at, std::string(from).size(), to);
    return text;
}

// What a server writes for the same text.
std::size_t rewritten_size(const std::string& text) {
    std::size_t n = 0;
    for (const char c : text) n += c == '"' || c == '\'' ? 6 : 1;
    return n;
}

std::vector<decoded> decode(std::string_view json) {
    decoder d;
    auto messages = d.decode(json);
    REQUIRE(messages.has_value());
    return *std::move(messages);
}

message decode_one(std::string_view json) {
    auto all = decode(json);
    REQUIRE(all.size() == 1);
    REQUIRE(std::holds_alternative<message>(all[0]));
    return std::get<message>(all[0]);
}

std::string why(std::string_view json) {
    auto all = decode(json);
    REQUIRE(all.size() == 1);
    REQUIRE(std::holds_alternative<broken_message>(all[0]));
    CHECK(std::get<broken_message>(all[0]).batch == "b");
    return std::get<broken_message>(all[0]).why;
}

message round_trip(const message& m) {
    std::string out;
    const std::size_t cost = append_message(out, m);
    CHECK(cost == rewritten_size(out));
    return decode_one(unescape(out));
}

std::string all_bytes() {
    std::string s;
    for (int i = 0; i < 256; ++i) s += static_cast<char>(i);
    return s;
}

}  // namespace

TEST_CASE("every member of a message survives the wire") {
    message m;
    m.batch = "b-1";
    m.response = response_start{
        404, {{"Content-Type", "text/html"}, {"Set-Cookie", "a=1"}, {"Set-Cookie", "b='2'"}}};
    m.data = "<p class=\"x\">Tom & Jerry's</p>\r\n";
    m.offset = 0;
    m.window = 65536;
    m.signal = signal_kind::producer_finished;
    CHECK(round_trip(m) == m);

    message r;
    r.batch = "b-2";
    r.request = cgi::environ_map{
        {"REQUEST_METHOD", "GET"}, {"HTTP_X", all_bytes()}, {"wsgi.url_scheme", "http"}};
    r.require = {"x"};
    CHECK(round_trip(r) == r);

    message s;
    s.batch = "b-3";
    s.signal = signal_kind::shutdown_microprocess;
    s.reason = "client-gone";
    CHECK(round_trip(s) == s);
}

TEST_CASE("bodies of any bytes survive, text as text and the rest as base64") {
    for (const std::string& body :
         {std::string(), std::string(1, '\0'), all_bytes(), std::string("\xEF\xBF\xBE\xEF\xBF\xBF ok"),
          std::string("\xE2\x82"), std::string("AF\xC3"), std::string("gr\xC3\xBC\xC3\x9F"),
          std::string("\xED\xA0\x80"), std::string("\r\n\t\"'\\")}) {
        message m;
        m.batch = "b";
        m.data = body;
        m.offset = 7;
        CHECK(round_trip(m) == m);
    }
}

TEST_CASE("text is chosen while it is cheaper, base64 where quotes make it dear") {
    CHECK_FALSE(fit_body("plain words and more of them", 1000).base64);
    CHECK(fit_body(std::string(100, '"'), 1000).base64);
    CHECK(fit_body(std::string(100, '\xFF'), 1000).base64);
    const fit quotes = fit_body(std::string(1000, '\''), 100);
    CHECK(quotes.base64);
    CHECK(quotes.bytes == 75);
}

TEST_CASE("text is cut between code points only and never beyond the budget") {
    std::string text;
    for (int i = 0; i < 50; ++i) text += "\xE2\x82\xAC";
    for (std::size_t budget = 0; budget <= text.size(); ++budget) {
        const fit f = fit_body(text, budget);
        CHECK(f.cost <= budget);
        if (!f.base64) CHECK(f.bytes % 3 == 0);
    }
    const fit cut = fit_body(std::string_view(text).substr(0, 7), 100);
    CHECK_FALSE(cut.base64);
    CHECK(cut.bytes == 6);
    CHECK(fit_body("\xE2\x82", 100).base64);
}

TEST_CASE("statuscode is taken as a number, as digits and as a status line") {
    CHECK(decode_one(R"({"batch":"b","statuscode":200})").response->status == 200);
    CHECK(decode_one(R"({"batch":"b","statuscode":"200"})").response->status == 200);
    CHECK(decode_one(R"({"batch":"b","statuscode":"404 Not Found"})").response->status == 404);
    CHECK(decode_one(R"({"batch":"b","statuscode":101})").response->status == 101);
    for (const char* bad : {"99", "600", "1000", "100", "\"20\"", "\"2000\"", "\"200x\"", "true",
                            "null", "-200", "200.5"})
        CHECK(why(std::string(R"({"batch":"b","statuscode":)") + bad + "}").starts_with("statuscode"));
}

TEST_CASE("body is taken for data, but not beside it") {
    CHECK(decode_one(R"({"batch":"b","body":"x"})").data == "x");
    CHECK(why(R"({"batch":"b","body":"x","data":"y"})") == "data stands beside body");
}

TEST_CASE("what breaks the protocol is named and blamed on its batch") {
    CHECK(why(R"({"batch":"b","data":1})") == "a value is of the wrong type");
    CHECK(why(R"({"batch":"b","data":"x","data":"y"})") == "a key is doubled");
    CHECK(why(R"({"batch":"b","data":"\udc00"})") == "the message is not JSON");
    CHECK(why(R"({"batch":"b","data":"\ud800"})") == "the message is not JSON");
    CHECK(why(R"({"batch":"b","data":"!","encoding":"base64"})") == "data is not base64");
    CHECK(why(R"({"batch":"b","data":"QQ==","encoding":"hex"})") == "encoding is not base64");
    CHECK(why(R"({"batch":"b","encoding":"base64"})") == "encoding stands without data");
    CHECK(why(R"({"batch":"b","offset":-1})").starts_with("a number"));
    CHECK(why(R"({"batch":"b","window":9007199254740992})").starts_with("a number"));
    CHECK(why(R"({"REQUEST_METHOD":7,"batch":"b"})") == "a variable is not a string");
    CHECK(why(R"({"batch":"b","HTTP_A":"1","HTTP_A":"2"})") == "a key is doubled");
    CHECK(why("{\"batch\":\"b\",\"HTTP_A\":\"\xE2\x82\xAC\"}").find("U+00FF") != std::string::npos);
    CHECK(why(R"({"batch":"b","statuscode":200,"headers":[["a"]]})").starts_with("a header"));
    CHECK(why(R"({"batch":"b","statuscode":200,"headers":{"a":"b"}})").starts_with("headers"));
}

TEST_CASE("unknown keys and signals are ignored") {
    const message m = decode_one(R"({"batch":"b","colour":[1,{"a":2}],"signal":"later","PHP":"x"})");
    CHECK(m.batch == "b");
    CHECK(m.signal == signal_kind::none);
    CHECK_FALSE(m.request.has_value());
}

TEST_CASE("a batch of the other side's choice breaks neither JSON nor XML") {
    message m;
    m.batch = R"(</json>"&'\]})";
    m.signal = signal_kind::shutdown_microprocess;
    CHECK(round_trip(m) == m);
    std::string out;
    append_message(out, m);
    CHECK(out.find('<') == std::string::npos);
}

TEST_CASE("a reason is words of ASCII beside a shutdown, and nothing elsewhere") {
    const message m =
        decode_one("{\"batch\":\"b\",\"signal\":\"shutdownMicroprocess\",\"reason\":\"caf\xC3\xA9\"}");
    CHECK(m.reason == "caf??");
    CHECK(decode_one(R"({"batch":"b","reason":"client-gone"})").reason.empty());
    CHECK(why(R"({"batch":"b","require":["a b"]})") == "require is not a list of names");
}

TEST_CASE("one message that is not JSON does not take the others along") {
    const auto all = decode(
        R"([{"batch":"one","window":1},{"batch":"two","data":"\ud800"},{"batch":"three","window":3}])");
    REQUIRE(all.size() == 3);
    CHECK(std::get<message>(all[0]).window == 1U);
    CHECK(std::get<broken_message>(all[1]).batch == "two");
    CHECK(std::get<message>(all[2]).window == 3U);
}

TEST_CASE("depth, number and kind of messages are bounded") {
    decoder d;
    CHECK(d.decode("").has_error());
    CHECK(d.decode("[]").value().empty());
    CHECK(d.decode("17").has_error());
    CHECK(d.decode("[17]").has_error());
    CHECK(d.decode("{").has_error());
    CHECK(d.decode(std::string(100, '[') + std::string(100, ']')).has_error());
    std::string many = "[";
    for (int i = 0; i < 257; ++i) many += std::string(i ? "," : "") + R"({"batch":"b"})";
    CHECK(d.decode(many + "]").error() == make_error_code(errc::too_many_messages));
    CHECK(why(R"({"batch":"b","x":[[[[[[[[[1]]]]]]]]]})") == "the message is not JSON");
    CHECK(decode_one(R"({"batch":"b","x":[[[[1]]]]})").batch == "b");
    for (const char* bad : {"\"\"", "\"a b\"", "\"\\u00e9\"", "7"})
        CHECK(
            std::holds_alternative<broken_message>(decode(std::string("{\"batch\":") + bad + "}")[0]));
}
