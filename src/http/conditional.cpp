// Preconditions, evaluated in the order of RFC 9110, 13.2.2.
#include "http/conditional.hpp"

#include <algorithm>

#include "http/date.hpp"
#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

bool is_weak(std::string_view tag) noexcept { return tag.starts_with("W/"); }

std::string_view opaque_part(std::string_view tag) noexcept {
    return is_weak(tag) ? tag.substr(2) : tag;
}

/// Takes the next entity tag off a list; "" if there is none or the list is malformed. Commas and
/// backslashes inside a tag mean themselves.
std::string_view next_tag(std::string_view& rest) noexcept {
    const auto start = rest.find_first_not_of(" \t,");
    if (start == rest.npos) return {};
    const auto text = rest.substr(start);
    const std::size_t quote = is_weak(text) ? 2 : 0;
    if (text.size() <= quote || text[quote] != '"') return {};
    const auto end = text.find('"', quote + 1);
    if (end == text.npos) return {};
    rest = text.substr(end + 1);
    return text.substr(0, end + 1);
}

using comparison = bool (*)(std::string_view, std::string_view) noexcept;

/// Whether any field of that name holds `*`, while something exists, or a tag that matches.
bool any_tag_matches(const fields& headers, std::string_view name, const validators& current,
                     comparison matches) noexcept {
    for (const auto& [field_name, value] : headers) {
        if (!iequals(field_name, name)) continue;
        if (trim(value) == "*" && current.exists) return true;
        std::string_view rest = value;
        for (auto tag = next_tag(rest); !tag.empty(); tag = next_tag(rest)) {
            if (current.exists && matches(tag, current.etag)) return true;
        }
    }
    return false;
}

/// The date in a field of that name, if there is exactly one and it is a date.
std::optional<std::int64_t> date_in(const fields& headers, std::string_view name, std::int64_t now) {
    const auto* value = headers.find(name);
    if (value == nullptr || headers.count(name) > 1) return std::nullopt;
    return parse_date(*value, now);
}

bool holds_if_range(std::string_view value, const validators& current, std::int64_t now) {
    if (value.starts_with('"') || is_weak(value)) return matches_strongly(value, current.etag);
    const auto date = parse_date(value, now);
    // A modification in the second of the answer might be followed by another in that second.
    return date && current.last_modified == date && *date < now;
}

bool fails_precondition(const fields& headers, const validators& current, std::int64_t now) {
    if (headers.find("if-match") != nullptr)
        return !any_tag_matches(headers, "if-match", current, matches_strongly);
    const auto since = date_in(headers, "if-unmodified-since", now);
    return since && current.last_modified && *current.last_modified > *since;
}

}  // namespace

bool matches_strongly(std::string_view a, std::string_view b) noexcept {
    return !a.empty() && !is_weak(a) && a == b;
}

bool matches_weakly(std::string_view a, std::string_view b) noexcept {
    return !a.empty() && opaque_part(a) == opaque_part(b);
}

condition_verdict evaluate_conditions(std::string_view method, const fields& headers,
                                      const validators& current, std::int64_t now) {
    const bool reads = method == "GET" || method == "HEAD";
    if (fails_precondition(headers, current, now)) return condition_verdict::precondition_failed;
    if (headers.find("if-none-match") != nullptr) {
        if (any_tag_matches(headers, "if-none-match", current, matches_weakly))
            return reads ? condition_verdict::not_modified : condition_verdict::precondition_failed;
    } else if (reads && current.last_modified) {
        const auto since = date_in(headers, "if-modified-since", now);
        if (since && *current.last_modified <= *since) return condition_verdict::not_modified;
    }
    const auto* if_range = headers.find("if-range");
    if (method == "GET" && if_range != nullptr && headers.find("range") != nullptr &&
        !holds_if_range(*if_range, current, now))
        return condition_verdict::ignore_range;
    return condition_verdict::proceed;
}

}  // namespace crosstalk::http
