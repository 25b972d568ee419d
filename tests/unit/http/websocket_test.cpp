#include <doctest/doctest.h>

#include "websocket_reading.hpp"

using namespace crosstalk::http;
using testing::read_frames;
using kind = websocket_step::kind;
using opcode = websocket_opcode;
using role = websocket_role;
using namespace std::string_literals;

namespace {

constexpr websocket_mask key{'\x37', '\xfa', '\x21', '\x3d'};

std::string frame_of(role sender, opcode what, std::string_view payload) {
    std::string out;
    append_websocket_frame(out, what, payload,
                           sender == role::client ? std::optional(key) : std::nullopt);
    return out;
}

/// A client's frame with a first byte of our own.
std::string odd_frame(char first, std::string_view payload) {
    auto out = frame_of(role::client, opcode::text, payload);
    out[0] = first;
    return out;
}

testing::frame_reading read_both_ways(std::string_view stream, role self = role::server,
                                      std::size_t most = 1024 * 1024) {
    auto whole = read_frames(stream, self, std::string_view::npos, most);
    for (const std::size_t piece : {1, 3}) CHECK((read_frames(stream, self, piece, most) == whole));
    return whole;
}

crosstalk::error_code error_of(std::string_view stream, role self = role::server) {
    return read_both_ways(stream, self).error;
}

}  // namespace

TEST_CASE("the examples of RFC 6455 are read") {
    const auto plain = read_both_ways("\x81\x05Hello", role::client);
    REQUIRE(plain.seen.size() == 1);
    CHECK(plain.seen[0].payload == "Hello");
    CHECK(plain.seen[0].is_text);
    const auto masked = read_both_ways("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s);
    REQUIRE(masked.seen.size() == 1);
    CHECK(masked.seen[0].payload == "Hello");
    const auto pieces = read_both_ways("\x01\x03Hel\x80\x02lo"s, role::client);
    REQUIRE(pieces.seen.size() == 1);
    CHECK(pieces.seen[0].payload == "Hello");
    CHECK(read_both_ways("\x89\x05Hello", role::client).seen[0].what == kind::ping);
}

TEST_CASE("what is written is read by the other side, whatever its length") {
    for (const std::size_t size : {0, 1, 7, 8, 125, 126, 127, 1000, 65'535, 65'536, 70'000}) {
        std::string payload(size, '\0');
        for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7);
        for (const role sender : {role::client, role::server}) {
            const role reader = sender == role::client ? role::server : role::client;
            const auto bytes = "x" + frame_of(sender, opcode::binary, payload);
            const auto seen = read_frames(std::string_view(bytes).substr(1), reader, 1000);
            REQUIRE(seen.seen.size() == 1);
            CHECK((seen.seen[0].payload == payload));
            CHECK_FALSE(seen.seen[0].is_text);
            CHECK(seen.unread == 0);
        }
    }
}

TEST_CASE("several frames of one read come one after the other, and a rest is left") {
    const auto seen = read_both_ways(frame_of(role::client, opcode::binary, "one") +
                                     frame_of(role::client, opcode::pong, "two") +
                                     frame_of(role::client, opcode::text, "three").substr(0, 8));
    REQUIRE(seen.seen.size() == 2);
    CHECK(seen.seen[0].payload == "one");
    CHECK(seen.seen[1].what == kind::pong);
    CHECK(seen.unread == 8);
}

TEST_CASE("control frames may come between fragments") {
    const auto seen = read_both_ways(
        odd_frame('\x02', "ab") + frame_of(role::client, opcode::ping, "!") + odd_frame('\x00', "") +
        odd_frame('\x80', "cd") + frame_of(role::client, opcode::text, "next"));
    REQUIRE(seen.seen.size() == 3);
    CHECK(seen.seen[0].what == kind::ping);
    CHECK(seen.seen[0].payload == "!");
    CHECK(seen.seen[1].payload == "abcd");
    CHECK_FALSE(seen.seen[1].is_text);
    CHECK(seen.seen[2].payload == "next");
}

TEST_CASE("whoever breaks a rule of framing is told which") {
    using e = websocket_errc;
    for (const char bit : {'\x40', '\x20', '\x10'})
        CHECK(error_of(odd_frame(static_cast<char>('\x82' | bit), "a")) == e::reserved_bits);
    for (const int number : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
        CHECK(error_of(odd_frame(static_cast<char>(0x80 | number), "a")) == e::reserved_opcode);
    CHECK(error_of(frame_of(role::server, opcode::text, "a"), role::server) == e::unmasked);
    CHECK(error_of(frame_of(role::client, opcode::text, "a"), role::client) == e::masked);
    CHECK(error_of(odd_frame('\x09', "a")) == e::fragmented_control);
    CHECK(error_of("\x89\xfe\x00\x7e"s + std::string(130, 'x')) == e::long_control);
    CHECK(error_of("\x82\xfe\x00\x7d"s + std::string(129, 'x')) == e::long_length);
    CHECK(error_of("\x82\xff\x00\x00\x00\x00\x00\x00\xff\xff"s + std::string(4, 'x')) ==
          e::long_length);
    CHECK(error_of("\x82\xff\x80\x00\x00\x00\x00\x00\x00\x00"s + std::string(4, 'x')) ==
          e::long_length);
    CHECK(error_of(odd_frame('\x80', "a")) == e::nothing_to_continue);
    CHECK(error_of(odd_frame('\x01', "a") + odd_frame('\x81', "b")) == e::interrupted_message);
    CHECK(error_of(odd_frame('\x01', "a") + odd_frame('\x02', "b")) == e::interrupted_message);
}

TEST_CASE("an error comes with the frame's header, before its payload") {
    const auto header = "\x82\xff\x00\x00\x00\x00\x00\x10\x00\x01"s + std::string(4, 'k');
    CHECK(error_of(header) == websocket_errc::message_too_large);
    CHECK(websocket_close_code(websocket_errc::message_too_large) == closed_too_large);
    CHECK(websocket_close_code(websocket_errc::masked) == closed_protocol_error);
}

TEST_CASE("a message has a limit, however it is cut") {
    const std::string ten(10, 'x');
    CHECK(read_both_ways(frame_of(role::client, opcode::text, ten), role::server, 10).seen.size() == 1);
    CHECK(read_both_ways(frame_of(role::client, opcode::text, ten), role::server, 9).error ==
          websocket_errc::message_too_large);
    const auto cut = odd_frame('\x01', "12345") + odd_frame('\x00', "67890");
    CHECK(read_both_ways(cut + odd_frame('\x80', ""), role::server, 10).seen.size() == 1);
    CHECK(read_both_ways(cut + odd_frame('\x80', "!"), role::server, 10).error ==
          websocket_errc::message_too_large);
}

TEST_CASE("a close comes with its code and reason, or without") {
    const auto bare = read_both_ways(frame_of(role::client, opcode::close, ""));
    REQUIRE(bare.seen.size() == 1);
    CHECK(bare.seen[0].code == closed_without_code);
    std::string out;
    append_websocket_close(out, closed_going_away, "bye", key);
    const auto told = read_both_ways(out);
    REQUIRE(told.seen.size() == 1);
    CHECK(told.seen[0].code == closed_going_away);
    CHECK(told.seen[0].payload == "bye");
}

TEST_CASE("a close with half a code, or with one that may not be sent, is an error") {
    const auto close = [](std::string_view payload) {
        return error_of(frame_of(role::client, opcode::close, payload));
    };
    CHECK(close("\x03") == websocket_errc::bad_close);
    for (const unsigned code : {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65'535}) {
        const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
        CHECK(close(payload) == websocket_errc::bad_close);
    }
    for (const unsigned code : {1000, 1003, 1007, 1014, 3000, 4999}) {
        const std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
        CHECK_FALSE(close(payload));
    }
}

TEST_CASE("a reason that is too long is cut, so that the close frame stays one") {
    std::string out;
    append_websocket_close(out, closed_policy, std::string(500, 'r'), std::nullopt);
    const auto seen = read_frames(out, role::client);
    REQUIRE(seen.seen.size() == 1);
    CHECK(seen.seen[0].payload == std::string(123, 'r'));
}

TEST_CASE("a frame that is taken back leaves what stood before it") {
    std::string out = "before";
    websocket_frame frame(out, opcode::binary, key);
    out += "something";
    frame.discard();
    CHECK(out == "before");
}

TEST_CASE("masking twice gives the bytes back, at every alignment") {
    for (std::size_t size = 0; size < 40; ++size) {
        std::string bytes(size, 'q');
        apply_websocket_mask(bytes, key);
        for (std::size_t i = 0; i < size; ++i) CHECK(bytes[i] == static_cast<char>('q' ^ key[i % 4]));
        apply_websocket_mask(bytes, key);
        CHECK(bytes == std::string(size, 'q'));
    }
}
