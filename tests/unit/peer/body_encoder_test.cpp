#include "peer/body_encoder.hpp"

#include <doctest/doctest.h>

#include "decoding.hpp"

using namespace crosstalk::peer;
using next = body_encoder::next;

namespace {

constexpr coding both[] = {coding::gzip, coding::brotli};

std::string page(std::size_t size) {
    std::string text;
    for (unsigned i = 0; text.size() < size; ++i)
        text += "<li class=\"row\">number " + std::to_string(i * 7919 % 10007) + "</li>\n";
    text.resize(size);
    return text;
}

/// Bytes that no encoder makes smaller.
std::string noise(std::size_t size) {
    std::string bytes;
    for (std::uint32_t x = 1; bytes.size() < size;) {
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        bytes += static_cast<char>(x >> 11);
    }
    return bytes;
}

std::string encoded(coding c, std::string_view body, std::size_t step, next between) {
    body_encoder encoder(c);
    std::string out;
    while (body.size() > step) {
        encoder.encode(body.substr(0, step), between, out);
        body.remove_prefix(step);
    }
    encoder.encode(body, next::the_end, out);
    return out;
}

}  // namespace

TEST_CASE("what was compressed is the same again, however it came in pieces") {
    for (const coding c : both) {
        for (const std::size_t size : {0U, 1U, 2U, 255U, 4096U, 100'000U}) {
            for (const auto& body : {page(size), noise(size)}) {
                for (const std::size_t step : {1U, 7U, 1024U, 65'536U}) {
                    if (size / step > 10'000) continue;
                    CAPTURE(size);
                    CAPTURE(step);
                    const auto in_one = decoded(c, encoded(c, body, step, next::more));
                    CHECK((in_one.is_whole && in_one.bytes == body));
                    const auto flushed = decoded(c, encoded(c, body, step, next::a_pause));
                    CHECK((flushed.is_whole && flushed.bytes == body));
                }
            }
        }
    }
}

TEST_CASE("what has been flushed can be read before the end") {
    for (const coding c : both) {
        body_encoder encoder(c);
        std::string out, in;
        for (int i = 0; i < 40; ++i) {
            const std::string event = "data: " + std::to_string(i) + "\n\n";
            const auto before = out.size();
            encoder.encode(event, next::a_pause, out);
            in += event;
            CHECK(out.size() > before);
            const auto so_far = decoded(c, out);
            CHECK(so_far.bytes == in);
            CHECK_FALSE(so_far.is_whole);
        }
        encoder.encode("", next::the_end, out);
        const auto whole = decoded(c, out);
        CHECK((whole.is_whole && whole.bytes == in));
    }
}

TEST_CASE("what is cut off before the end is never whole") {
    for (const coding c : both) {
        const auto all = encoded(c, page(5000), 1000, next::a_pause);
        for (std::size_t size = 0; size < all.size(); ++size)
            CHECK_FALSE(decoded(c, all.substr(0, size)).is_whole);
    }
}

TEST_CASE("pages become a fraction, and noise grows by little") {
    for (const coding c : both) {
        CHECK(encoded(c, page(100'000), 65'536, next::more).size() < 25'000);
        CHECK(encoded(c, page(100'000), 8192, next::a_pause).size() < 25'000);
        CHECK(encoded(c, noise(100'000), 8192, next::a_pause).size() < 101'000);
    }
}

TEST_CASE("a body that never ends keeps nothing back and grows nothing") {
    for (const coding c : both) {
        body_encoder encoder(c);
        const auto piece = page(64 * 1024);
        std::size_t most = 0;
        for (int i = 0; i < 100; ++i) {
            std::string out;
            encoder.encode(piece, next::a_pause, out);
            CHECK_FALSE(out.empty());
            most = std::max(most, out.size());
        }
        CHECK(most < piece.size() / 2);
    }
}

TEST_CASE("an encoder holds its token as long as it lives") {
    const auto token = std::make_shared<const bool>(true);
    {
        const body_encoder encoder(coding::brotli, token);
        CHECK(token.use_count() == 2);
    }
    CHECK(token.use_count() == 1);
}
