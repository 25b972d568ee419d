#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

TEST_CASE("every input that was ever of interest is decoded without harm") {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(CROSSTALK_CORPUS)) {
        std::ifstream file(entry.path(), std::ios::binary);
        const std::string bytes{std::istreambuf_iterator<char>(file), {}};
        CHECK(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                     bytes.size()) == 0);
        ++count;
    }
    CHECK(count >= 5);
}
