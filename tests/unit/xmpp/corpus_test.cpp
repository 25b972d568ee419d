// The fuzz target's corpus, replayed.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "xmpp_stream.cpp"

TEST_CASE("every stream of the corpus is survived, whole and byte by byte, once and again") {
    int count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(CROSSTALK_CORPUS)) {
        CAPTURE(entry.path().string());
        std::ifstream file(entry.path(), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(file), {}};
        REQUIRE_FALSE(bytes.empty());
        for (char how = 0; how < 8; ++how) {
            bytes[0] = how;
            CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                         bytes.size()) == 0);
        }
        ++count;
    }
    CHECK(count >= 15);
}
