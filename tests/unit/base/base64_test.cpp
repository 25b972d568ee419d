#include "base/base64.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace crosstalk::base;

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The rule of RFC 4648 bit by bit, to hold the tables against.
std::string slow_base64(std::string_view bytes) {
    std::string bits;
    for (char const c : bytes)
        for (int bit = 7; bit >= 0; --bit)
            bits += (static_cast<unsigned char>(c) >> bit & 1) != 0 ? '1' : '0';
    while (bits.size() % 6 != 0) bits += '0';
    std::string out;
    for (std::size_t i = 0; i < bits.size(); i += 6)
        out += alphabet[std::stoul(bits.substr(i, 6), nullptr, 2)];
    while (out.size() % 4 != 0) out += '=';
    return out;
}

}  // namespace

TEST_CASE("base64 agrees with the examples of RFC 4648") {
    CHECK(to_base64("") == "");
    CHECK(to_base64("f") == "Zg==");
    CHECK(to_base64("fo") == "Zm8=");
    CHECK(to_base64("foo") == "Zm9v");
    CHECK(to_base64("foobar") == "Zm9vYmFy");
    CHECK(from_base64("Zm9vYmE=") == "fooba");
}

TEST_CASE("all bytes at all alignments are written as the standard says and come back") {
    std::string bytes;
    for (int i = 0; i < 600; ++i) {
        std::string const text = to_base64(bytes);
        CHECK(text == slow_base64(bytes));
        CHECK(text.size() == base64_size(bytes.size()));
        CHECK(from_base64(text) == bytes);
        bytes += static_cast<char>(i * 7 + i / 256);
    }
}

TEST_CASE("appending leaves alone what is there") {
    std::string out = "data:";
    append_base64(out, "hi");
    CHECK(out == "data:aGk=");
}

TEST_CASE("only what the encoder would have written is taken") {
    for (std::string_view const text :
         {"Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9v\n",
          "Zm 9", "Zm9-", "Zm9_", "Zm=v", "Zm9vZg=a", "\xc3\xa9\xc3\xa9"})
        CHECK_MESSAGE(!from_base64(text), text);
}

TEST_CASE("a foreign byte is refused wherever it stands") {
    for (int byte = 0; byte < 256; ++byte) {
        auto const c = static_cast<char>(byte);
        bool const is_ours = alphabet.find(c) != std::string_view::npos;
        for (std::size_t at = 0; at < 72; ++at) {
            std::string text(72, 'A');
            text[at] = c;
            bool const is_final_pad = c == '=' && at == 71;
            CHECK(from_base64(text).has_value() == (is_ours || is_final_pad));
        }
    }
}
