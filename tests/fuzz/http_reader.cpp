// Fuzzes the HTTP/1 reader and what looks at its heads.
//
// The first byte chooses the role, the method that was asked and the size of the pieces. Promises:
// the same reading however the stream is cut, heads that are safe to write again, bodies no longer
// than announced, and no crash in anything that reads a head.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "../unit/http/reading.hpp"
#include "http/accept.hpp"
#include "http/conditional.hpp"
#include "http/hop_by_hop.hpp"
#include "http/range.hpp"
#include "http/target.hpp"
#include "http/writer.hpp"

namespace {

using namespace crosstalk::http;

void require(bool promise) {
    if (!promise) std::abort();
}

void check_target(const std::string& method, std::string_view raw) {
    const auto target = parse_target(method, raw);
    if (target.has_error()) return;
    const auto parts = split_query(target->origin);
    const bool has_dots = has_dot_segment(parts.path);
    const auto decoded = percent_decode(parts.path);
    if (!decoded) return;
    require(percent_decode(percent_encode_path(*decoded)) == decoded);
    if (!has_dots) require(!has_dot_segment(percent_encode_path(*decoded)));
}

void check_headers(fields headers) {
    require(is_safe(headers));
    for (const auto& [name, value] : headers) {
        require(quality_of(value, "text", "html") <= 1000);
        for (const auto& range : parse_range(value, 1000).ranges) require(range.first <= range.last);
    }
    (void)evaluate_conditions("GET", headers, {"\"v\"", 1'000'000'000, true}, 1'000'000'001);
    remove_hop_by_hop(headers);
    require(headers.find("connection") == nullptr);
}

void check_message(const testing::seen_message& message, bool is_request) {
    check_headers(message.headers);
    if (message.body == body_kind::none) require(message.bytes.empty());
    if (message.body == body_kind::length) {
        require(message.bytes.size() <= *message.length);
        if (message.is_complete) require(message.bytes.size() == *message.length);
    }
    if (!is_request) return;
    require(message.body != body_kind::until_close && message.body != body_kind::opaque);
    const auto first = message.start_line.find(' ');
    const auto last = message.start_line.rfind(' ');
    check_target(message.start_line.substr(0, first),
                 message.start_line.substr(first + 1, last - first - 1));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    if (size == 0) return 0;
    const unsigned choice = bytes[0];
    const std::string_view stream(reinterpret_cast<const char*>(bytes) + 1, size - 1);
    testing::manner how;
    how.role = (choice & 1) != 0 ? reader::role::response : reader::role::request;
    how.eof = (choice & 2) != 0;
    how.methods = {(choice & 4) != 0 ? "HEAD" : "GET", (choice & 8) != 0 ? "CONNECT" : "GET"};
    how.limits = {200, 500, 8};
    const auto whole = testing::read_stream(stream, how);
    how.piece = 1 + (choice >> 4);
    require(testing::read_stream(stream, how) == whole);
    for (const auto& message : whole.messages)
        check_message(message, how.role == reader::role::request);
    return 0;
}
