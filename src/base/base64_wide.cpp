// Implementation of base64_wide.hpp after Muła and Lemire, "Faster Base64 Encoding and Decoding Using
// AVX2 Instructions" (ACM Transactions on the Web 12, 2018): classes of characters are told apart by
// two look-ups of four bits each, and bits are moved by multiplications.
#include "base/base64_wide.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace crosstalk::base {
namespace {

bool has_avx2() noexcept {
    static const bool has = __builtin_cpu_supports("avx2") != 0;
    return has;
}

/// The same sixteen bytes in both halves.
[[gnu::target("avx2")]] __m256i twice(__m128i half) noexcept {
    return _mm256_broadcastsi128_si256(half);
}

/// 24 bytes, twelve in the front of each half, to 32 values of six bits.
[[gnu::target("avx2")]] __m256i split(__m256i bytes) noexcept {
    const __m256i order = twice(_mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    const __m256i words = _mm256_shuffle_epi8(bytes, order);
    const __m256i odd = _mm256_and_si256(words, _mm256_set1_epi32(0x0fc0fc00));
    const __m256i even = _mm256_and_si256(words, _mm256_set1_epi32(0x003f03f0));
    return _mm256_or_si256(_mm256_mulhi_epu16(odd, _mm256_set1_epi32(0x04000040)),
                           _mm256_mullo_epi16(even, _mm256_set1_epi32(0x01000010)));
}

[[gnu::target("avx2")]] __m256i to_characters(__m256i values) noexcept {
    // What to add: 'A' up to 25, 'a' - 26 up to 51, then one entry for each digit and for + and /.
    const __m256i distance =
        twice(_mm_setr_epi8(65, 71, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -19, -16, 0, 0));
    const __m256i kind = _mm256_sub_epi8(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                         _mm256_cmpgt_epi8(values, _mm256_set1_epi8(25)));
    return _mm256_add_epi8(values, _mm256_shuffle_epi8(distance, kind));
}

[[gnu::target("avx2")]] std::size_t write_avx2(char* to, std::string_view bytes) noexcept {
    std::size_t done = 0;
    for (; bytes.size() - done >= 28; done += 24, to += 32) {
        const char* from = bytes.data() + done;
        const __m128i low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
        const __m128i high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + 12));
        const __m256i both = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), to_characters(split(both)));
    }
    return done;
}

/// Four values of six bits to three bytes each; the 24 bytes come first.
[[gnu::target("avx2")]] __m256i join(__m256i values) noexcept {
    const __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    const __m256i triples = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    const __m256i order = twice(_mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
    const __m256i packed = _mm256_shuffle_epi8(triples, order);
    return _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

[[gnu::target("avx2")]] std::size_t read_avx2(char* to, std::string_view text) noexcept {
    const __m256i low_class = twice(_mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                                  0x11, 0x13, 0x1A, 0x1B, 0x1B, 0x1B, 0x1A));
    const __m256i high_class = twice(_mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                                   0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10));
    const __m256i distance =
        twice(_mm_setr_epi8(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0));
    const __m256i slash = _mm256_set1_epi8('/');
    std::size_t done = 0;
    for (; text.size() - done >= 32; done += 32, to += 24) {
        const __m256i in = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + done));
        const __m256i high = _mm256_and_si256(_mm256_srli_epi32(in, 4), slash);
        const __m256i low = _mm256_and_si256(in, slash);
        const __m256i highs = _mm256_shuffle_epi8(high_class, high);
        const __m256i lows = _mm256_shuffle_epi8(low_class, low);
        if (_mm256_testz_si256(lows, highs) == 0) break;
        const __m256i kind = _mm256_add_epi8(_mm256_cmpeq_epi8(in, slash), high);
        const __m256i values = _mm256_add_epi8(in, _mm256_shuffle_epi8(distance, kind));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), join(values));
    }
    return done;
}

}  // namespace

std::size_t write_wide(char* to, std::string_view bytes) noexcept {
    return has_avx2() ? write_avx2(to, bytes) : 0;
}
std::size_t read_wide(char* to, std::string_view text) noexcept {
    return has_avx2() ? read_avx2(to, text) : 0;
}

}  // namespace crosstalk::base

#else

namespace crosstalk::base {

std::size_t write_wide(char*, std::string_view) noexcept { return 0; }
std::size_t read_wide(char*, std::string_view) noexcept { return 0; }

}  // namespace crosstalk::base

#endif
