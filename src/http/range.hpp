// Range requests for bytes (RFC 9110, 14): which bytes, and the framing of an answer with several
// parts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::http {

/// Bytes first to last, both included.
struct byte_range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    [[nodiscard]] std::uint64_t size() const noexcept { return last - first + 1; }
    bool operator==(const byte_range&) const = default;
};

enum class range_verdict {
    ignored,        ///< malformed, another unit, or too many: answer 200 with everything
    unsatisfiable,  ///< 416
    partial,        ///< 206 with `ranges`
};

struct range_set {
    range_verdict verdict = range_verdict::ignored;
    std::vector<byte_range> ranges;  ///< sorted, without overlap or touch, within the size
};

/// Reads a Range value against a representation of `size` bytes. More than `max_ranges` are ignored.
[[nodiscard]] range_set parse_range(std::string_view value, std::uint64_t size,
                                    std::size_t max_ranges = 32);

/// "bytes 0-99/1000".
[[nodiscard]] std::string content_range(byte_range range, std::uint64_t size);
/// "bytes */1000", beside 416.
[[nodiscard]] std::string unsatisfied_content_range(std::uint64_t size);

/// "multipart/byteranges; boundary=…".
[[nodiscard]] std::string multipart_media_type(std::string_view boundary);
/// What stands in front of a part's bytes, from the delimiter to the empty line.
[[nodiscard]] std::string multipart_part_head(std::string_view boundary, std::string_view media_type,
                                              byte_range range, std::uint64_t size);
/// What ends the last part.
[[nodiscard]] std::string multipart_end(std::string_view boundary);
/// The length of the whole body of such an answer.
[[nodiscard]] std::uint64_t multipart_size(std::string_view boundary, std::string_view media_type,
                                           const std::vector<byte_range>& ranges, std::uint64_t size);

}  // namespace crosstalk::http
