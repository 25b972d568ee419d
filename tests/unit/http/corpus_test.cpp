// Replays the corpus of the fuzz target through the function that it fuzzes.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

TEST_CASE("the fuzzed reader keeps its promises for every file of the corpus") {
    std::size_t files = 0;
    for (const auto& file : std::filesystem::directory_iterator(CROSSTALK_CORPUS)) {
        std::ifstream stream(file.path(), std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(stream), {});
        CAPTURE(file.path().string());
        CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                     bytes.size()) == 0);
        ++files;
    }
    CHECK(files > 10);
}
