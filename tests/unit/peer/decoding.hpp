// What a visitor makes of a compressed body, as far as it has come.
#pragma once

#include <brotli/decode.h>
#include <zlib.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "peer/body_encoder.hpp"

struct decoded_body {
    std::string bytes;
    bool is_whole = false;  ///< it has ended, and nothing is behind it
};

inline decoded_body gunzipped(const std::string& packed) {
    decoded_body out;
    z_stream stream{};
    if (inflateInit2(&stream, 15 + 16) != Z_OK) return out;
    std::string input = packed;
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    std::array<char, 4096> space{};
    int status = Z_OK;
    while (status == Z_OK) {
        stream.next_out = reinterpret_cast<Bytef*>(space.data());
        stream.avail_out = static_cast<uInt>(space.size());
        status = inflate(&stream, Z_SYNC_FLUSH);
        out.bytes.append(space.data(), space.size() - stream.avail_out);
    }
    out.is_whole = status == Z_STREAM_END && stream.avail_in == 0;
    inflateEnd(&stream);
    return out;
}

inline decoded_body unbrotlied(const std::string& packed) {
    decoded_body out;
    const std::unique_ptr<BrotliDecoderState, decltype(&BrotliDecoderDestroyInstance)> state(
        BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), BrotliDecoderDestroyInstance);
    const auto* in = reinterpret_cast<const std::uint8_t*>(packed.data());
    std::size_t left = packed.size();
    auto status = BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT;
    while (status == BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT) {
        std::array<std::uint8_t, 4096> space{};
        std::size_t room = space.size();
        auto* to = space.data();
        status = BrotliDecoderDecompressStream(state.get(), &left, &in, &room, &to, nullptr);
        out.bytes.append(reinterpret_cast<const char*>(space.data()), space.size() - room);
    }
    out.is_whole = status == BROTLI_DECODER_RESULT_SUCCESS && left == 0;
    return out;
}

inline decoded_body decoded(crosstalk::peer::coding c, const std::string& packed) {
    return c == crosstalk::peer::coding::gzip ? gunzipped(packed) : unbrotlied(packed);
}
