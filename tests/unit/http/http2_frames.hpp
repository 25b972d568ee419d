// Frames of HTTP/2 as a client writes them, and as it reads them back.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/http2_session.hpp"

namespace crosstalk::http::testing {

enum frame_type : unsigned { data = 0, headers = 1, priority = 2, rst_stream = 3, settings = 4, ping = 6, goaway = 7, window_update = 8, continuation = 9 };
constexpr unsigned end_stream = 1, ack = 1, end_headers = 4;

struct frame {
    unsigned type = 0, flags = 0;
    std::int32_t stream = 0;
    std::string payload;
};

[[nodiscard]] inline std::string number(std::uint64_t value, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
    return out;
}

[[nodiscard]] inline std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

[[nodiscard]] inline std::string write(const frame& f) {
    return number(f.payload.size(), 3) + number(f.type, 1) + number(f.flags, 1) +
           number(static_cast<std::uint32_t>(f.stream), 4) + f.payload;
}

/// A field that no table remembers (RFC 7541, 6.2.2), without Huffman's code.
[[nodiscard]] inline std::string literal(std::string_view name, std::string_view value) {
    const auto text = [](std::string_view t) {
        if (t.size() < 127) return number(t.size(), 1) + std::string(t);
        std::string out = "\x7f";
        for (auto rest = t.size() - 127;; rest /= 128) {
            out += static_cast<char>(rest % 128 + (rest >= 128 ? 128 : 0));
            if (rest < 128) return out + std::string(t);
        }
    };
    return std::string(1, '\0') + text(name) + text(value);
}

using field_list = std::vector<std::pair<std::string, std::string>>;

[[nodiscard]] inline std::string block(const field_list& fields) {
    std::string out;
    for (const auto& [name, value] : fields) out += literal(name, value);
    return out;
}

/// A request for /PATH with more fields behind.
[[nodiscard]] inline frame request(std::int32_t stream, std::string method = "GET", bool is_end = true,
                                   const field_list& more = {}) {
    field_list fields{{":method", std::move(method)}, {":scheme", "http"}, {":authority", "a.example"}, {":path", "/p"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return {headers, end_headers | (is_end ? end_stream : 0), stream, block(fields)};
}

[[nodiscard]] inline std::string greeting() {
    return std::string(http2_session::preface) + write({settings, 0, 0, ""});
}

/// The frames that are whole.
[[nodiscard]] inline std::vector<frame> read_frames(std::string_view bytes) {
    std::vector<frame> out;
    while (bytes.size() >= 9) {
        const auto size = number_of(bytes.substr(0, 3));
        if (bytes.size() < 9 + size) break;
        out.push_back({static_cast<unsigned>(number_of(bytes.substr(3, 1))),
                       static_cast<unsigned>(number_of(bytes.substr(4, 1))),
                       static_cast<std::int32_t>(number_of(bytes.substr(5, 4))), std::string(bytes.substr(9, size))});
        bytes.remove_prefix(9 + size);
    }
    return out;
}

}  // namespace crosstalk::http::testing
