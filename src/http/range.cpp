// Ranges of bytes, resolved against a size.
#include "http/range.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "crosstalk/http.hpp"
#include "http/syntax.hpp"
#include "http/writer.hpp"

namespace crosstalk::http {

namespace {

/// Digits as a number; one that is too large for it is the largest there is.
std::optional<std::uint64_t> parse_position(std::string_view text) noexcept {
    constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
    if (text.empty()) return std::nullopt;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (!is_digit(c)) return std::nullopt;
        const auto digit = static_cast<std::uint64_t>(c - '0');
        number = number > (largest - digit) / 10 ? largest : number * 10 + digit;
    }
    return number;
}

enum class item_verdict { malformed, unsatisfiable, everything, good };

/// Resolves one of "first-last", "first-" and "-length".
item_verdict resolve(std::string_view item, std::uint64_t size, byte_range& range) noexcept {
    const auto dash = item.find('-');
    if (dash == item.npos) return item_verdict::malformed;
    const auto before = item.substr(0, dash);
    const auto behind = item.substr(dash + 1);
    if (before.empty()) {
        const auto length = parse_position(behind);
        if (!length) return item_verdict::malformed;
        if (*length == 0) return item_verdict::unsatisfiable;
        // The last bytes of nothing are all there is, and no range can say so.
        if (size == 0) return item_verdict::everything;
        range = {size - std::min(*length, size), size - 1};
        return item_verdict::good;
    }
    const auto first = parse_position(before);
    const auto last =
        behind.empty() ? std::numeric_limits<std::uint64_t>::max() : parse_position(behind);
    if (!first || !last || *last < *first) return item_verdict::malformed;
    if (*first >= size) return item_verdict::unsatisfiable;
    range = {*first, std::min(*last, size - 1)};
    return item_verdict::good;
}

/// Sorts ranges, and joins those that overlap or touch.
void coalesce(std::vector<byte_range>& ranges) {
    std::sort(ranges.begin(), ranges.end(),
              [](const byte_range& a, const byte_range& b) { return a.first < b.first; });
    std::vector<byte_range> joined;
    for (const auto& range : ranges) {
        if (!joined.empty() && range.first <= joined.back().last + 1) {
            joined.back().last = std::max(joined.back().last, range.last);
        } else {
            joined.push_back(range);
        }
    }
    ranges = std::move(joined);
}

}  // namespace

range_set parse_range(std::string_view value, std::uint64_t size, std::size_t max_ranges) {
    const auto equals = value.find('=');
    if (equals == value.npos || !iequals(value.substr(0, equals), "bytes")) return {};
    range_set found;
    std::size_t count = 0;
    for (auto rest = value.substr(equals + 1); auto item = next_item(rest);) {
        if (item->empty()) continue;
        if (++count > max_ranges) return {};
        byte_range range;
        const auto verdict = resolve(*item, size, range);
        if (verdict == item_verdict::malformed || verdict == item_verdict::everything) return {};
        if (verdict == item_verdict::good) found.ranges.push_back(range);
    }
    if (count == 0) return {};
    found.verdict = found.ranges.empty() ? range_verdict::unsatisfiable : range_verdict::partial;
    coalesce(found.ranges);
    return found;
}

std::string content_range(byte_range range, std::uint64_t size) {
    std::string out = "bytes ";
    append_decimal(out, range.first);
    out += '-';
    append_decimal(out, range.last);
    out += '/';
    append_decimal(out, size);
    return out;
}

std::string unsatisfied_content_range(std::uint64_t size) {
    std::string out = "bytes */";
    append_decimal(out, size);
    return out;
}

std::string multipart_media_type(std::string_view boundary) {
    return "multipart/byteranges; boundary=" + std::string(boundary);
}

std::string multipart_part_head(std::string_view boundary, std::string_view media_type,
                                byte_range range, std::uint64_t size) {
    std::string out = "\r\n--";
    out += boundary;
    out += "\r\n";
    append_field(out, "Content-Type", media_type);
    append_field(out, "Content-Range", content_range(range, size));
    out += "\r\n";
    return out;
}

std::string multipart_end(std::string_view boundary) {
    std::string out = "\r\n--";
    out += boundary;
    out += "--\r\n";
    return out;
}

std::uint64_t multipart_size(std::string_view boundary, std::string_view media_type,
                             const std::vector<byte_range>& ranges, std::uint64_t size) {
    std::uint64_t total = multipart_end(boundary).size();
    for (const auto& range : ranges)
        total += multipart_part_head(boundary, media_type, range, size).size() + range.size();
    return total;
}

}  // namespace crosstalk::http
