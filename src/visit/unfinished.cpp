// See unfinished.hpp.
#include "visit/unfinished.hpp"

#include <algorithm>
#include <charconv>

#include "http/date.hpp"
#include "http/syntax.hpp"

namespace crosstalk::visit {
namespace {

constexpr std::string_view first_line = "The file beside this one is not whole. From:\n";

/// A number at the front of `text`, which is then behind it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
    std::uint64_t value = 0;
    const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || rest == text.data()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
    return value;
}

bool take(std::string_view& text, std::string_view what) {
    if (!text.starts_with(what)) return false;
    text.remove_prefix(what.size());
    return true;
}

}  // namespace

std::string to_text(const unfinished& what) {
    return std::string(first_line) + what.address + '\n' + what.validator + '\n';
}

std::optional<unfinished> read_unfinished(std::string_view text) {
    if (!take(text, first_line)) return std::nullopt;
    unfinished out;
    for (std::string* const line : {&out.address, &out.validator}) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        *line = text.substr(0, end);
        text.remove_prefix(end + 1);
    }
    if (!text.empty() || !http::is_field_value(out.validator)) return std::nullopt;
    return out;
}

std::string validator_of(const http::fields& headers) {
    if (const auto* tag = headers.find("ETag"); tag != nullptr && tag->starts_with('"')) return *tag;
    const auto* modified = headers.find("Last-Modified");
    const auto* date = headers.find("Date");
    if (modified == nullptr || date == nullptr) return {};
    const auto changed = http::parse_date(*modified, 0);
    const auto made = http::parse_date(*date, 0);
    return changed && made && *changed < *made ? *modified : std::string{};
}

std::optional<content_range> read_content_range(std::string_view value) {
    content_range out;
    if (!take(value, "bytes ")) return std::nullopt;
    const auto first = take_number(value);
    if (!first || !take(value, "-")) return std::nullopt;
    const auto last = take_number(value);
    if (!last || *last < *first || !take(value, "/")) return std::nullopt;
    out.first = *first;
    out.last = *last;
    if (value == "*") return out;
    out.size = take_number(value);
    const bool is_possible = out.size && value.empty() && *out.size > out.last;
    return is_possible ? std::optional(out) : std::nullopt;
}

std::optional<std::uint64_t> read_unsatisfied_range(std::string_view value) {
    if (!take(value, "bytes */")) return std::nullopt;
    const auto size = take_number(value);
    return value.empty() ? size : std::nullopt;
}

}  // namespace crosstalk::visit
