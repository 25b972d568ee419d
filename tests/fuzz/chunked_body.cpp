// Fuzzes bodies in the chunked coding (RFC 9112, 7.1), behind a head that is always the same.
//
// The first byte chooses who speaks and the size of the pieces. Promises: the same body however the stream is cut;
// what a plain second reading of the grammar takes is taken, and read alike; what was read survives being written
// again; neither extensions nor trailers get into the body.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "../unit/http/reading.hpp"
#include "http/syntax.hpp"
#include "http/writer.hpp"

namespace {

using namespace crosstalk::http;

constexpr std::string_view head_of_request = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view head_of_response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

void require(bool promise) {
    if (!promise) std::abort();
}

/// Reads what has neither extensions nor trailers; nothing when it is more than that, or not whole.
std::optional<std::string> read_plainly(std::string_view coded) {
    std::string body;
    for (;;) {
        const auto end = coded.find("\r\n");
        if (end == coded.npos || end == 0 || end > 8) return std::nullopt;
        std::size_t size = 0;
        for (const char c : coded.substr(0, end)) {
            if (hex_value(c) < 0) return std::nullopt;
            size = size * 16 + static_cast<std::size_t>(hex_value(c));
        }
        coded.remove_prefix(end + 2);
        const auto after = coded.substr(std::min(size, coded.size()));
        if (!after.starts_with("\r\n")) return std::nullopt;
        if (size == 0) return body;
        body += coded.substr(0, size);
        coded.remove_prefix(size + 2);
    }
}

std::string write_again(std::string_view body, std::size_t piece) {
    std::string coded;
    while (!body.empty()) {
        const auto chunk = body.substr(0, piece);
        append_chunk_size(coded, chunk.size());
        coded.append(chunk).append(chunk_end);
        body.remove_prefix(chunk.size());
    }
    return coded.append(last_chunk);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const unsigned choice = bytes[0];
    const std::string_view coded(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    testing::manner how;
    how.role = (choice & 1) != 0 ? reader::role::response : reader::role::request;
    how.limits = {200, 500, 8};
    const std::string head((choice & 1) != 0 ? head_of_response : head_of_request);
    const auto whole = testing::read_stream(head + std::string(coded), how);
    auto in_pieces = how;
    in_pieces.piece = 1 + (choice >> 4);
    require(testing::read_stream(head + std::string(coded), in_pieces) == whole);
    const auto& first = whole.messages.front();
    require(first.body == body_kind::chunked && first.bytes.size() <= coded.size());
    if (const auto plain = read_plainly(coded)) require(first.is_complete && first.bytes == *plain);
    const auto again = testing::read_stream(head + write_again(first.bytes, in_pieces.piece), how);
    require(!again.error && again.messages.size() == 1 && again.messages.front().is_complete);
    require(again.messages.front().bytes == first.bytes);
    return 0;
}
