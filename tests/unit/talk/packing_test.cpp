#include <doctest/doctest.h>

#include <vector>

#include "base/base64.hpp"
#include "talk/decoder.hpp"
#include "talk/packing.hpp"

using namespace crosstalk::talk;

namespace {

std::string unpacked(std::string_view packed) {
    unpacker u;
    const auto json = u.unpack(packed);
    return json ? std::string(*json) : "nothing";
}

}  // namespace

TEST_CASE("what is packed comes back without its XML references") {
    packer p;
    const std::string first = R"([{"batch":"a","data":"1 &lt; 2 &amp;&amp; 3 &gt; 2"})";
    const std::string second = R"(,{"batch":"b","data":"&amp;lt;"}])";
    const std::vector<std::size_t> ends{first.size(), first.size() + second.size() - 1};
    CHECK(unpacked(p.pack(first + second, ends)) ==
          R"([{"batch":"a","data":"1 < 2 && 3 > 2"},{"batch":"b","data":"&lt;"}])");
    CHECK(unpacked(p.pack(first, std::vector{first.size()})) ==
          R"([{"batch":"a","data":"1 < 2 && 3 > 2"})");
}

TEST_CASE("large messages of every kind come back") {
    packer p;
    unsigned dice = 1;
    for (const std::size_t size : {1UL, 1000UL, 16'384UL, 100'000UL, 700'000UL}) {
        std::string words, noise;
        while (words.size() < size) words += "the same again and again, ";
        for (std::size_t i = 0; i < size; ++i)
            noise += static_cast<char>('0' + (dice = dice * 1103515245 + 12345) / 65536 % 64);
        for (std::string text : {words, noise}) {
            std::erase_if(text, [](char c) { return c == '&' || c == '<' || c == '>'; });
            CHECK(unpacked(p.pack(text, std::vector{text.size() / 2, text.size()})) == text);
        }
    }
}

TEST_CASE("a message tells nothing of the one before it by its length") {
    packer p;
    const auto size_after = [&](const std::string& before) {
        const std::string text = before + "the secret word of this visitor is swordfish";
        return p.pack(text, std::vector{before.size(), text.size()}).size();
    };
    CHECK(size_after("the secret word of this visitor is swordfish") ==
          size_after("the secret word of this visitor is swordtail"));
}

TEST_CASE("what is no packed message is refused") {
    packer p;
    const std::string good(p.pack("[]", std::vector<std::size_t>{2}));
    const std::string zlib = *crosstalk::base::from_base64(good);
    const auto packed = [](std::string_view bytes) { return crosstalk::base::to_base64(bytes); };
    CHECK(unpacked(good) == "[]");
    CHECK(unpacked("") == "nothing");
    CHECK(unpacked("not base64!") == "nothing");
    CHECK(unpacked(packed("not zlib")) == "nothing");
    CHECK(unpacked(packed(zlib + "more")) == "nothing");
    for (std::size_t n = 1; n < zlib.size(); ++n)
        CHECK(unpacked(packed(zlib.substr(0, n))) == "nothing");
}

TEST_CASE("a small stanza does not become a large one in memory") {
    packer p;
    const std::string most(unpacker::most, ' ');
    CHECK(unpacked(p.pack(most, std::vector{most.size()})).size() == unpacker::most);
    const std::string more(unpacker::most + 1, ' ');
    CHECK(unpacked(p.pack(more, std::vector{more.size()})) == "nothing");
    const std::string bomb(64 * 1024 * 1024, ' ');
    CHECK(unpacked(p.pack(bomb, std::vector{bomb.size()})) == "nothing");
}
