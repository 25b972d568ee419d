// The checks of section 2 that gateway and peer share.
#include "cgi/checks.hpp"

#include <charconv>

#include "crosstalk/http.hpp"
#include "http/syntax.hpp"
#include "http/target.hpp"

namespace crosstalk::cgi {

bool is_never_passed(std::string_view field_name) noexcept {
    return http::iequals(field_name, "Proxy") || http::iequals(field_name, "Expect");
}

bool is_forwarded(std::string_view field_name) noexcept {
    constexpr std::string_view prefix = "X-Forwarded-";
    return http::iequals(field_name, "Forwarded") || http::iequals(field_name, "X-Real-IP") ||
           http::iequals(field_name.substr(0, prefix.size()), prefix);
}

std::optional<std::uint64_t> parse_content_length(std::string_view text) noexcept {
    constexpr std::uint64_t max = (1ULL << 53) - 1;
    std::uint64_t length = 0;
    const char* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, length);
    if (error != std::errc{} || stop != end || length > max) return std::nullopt;
    return length;
}

bool is_value(variable const& v) noexcept {
    if (v.name == "PATH_INFO") return v.value.find_first_of("\r\n") == std::string::npos;
    return http::is_field_value(v.value);
}

result<site_target> split_target(std::string_view method, std::string_view target,
                                 std::string_view script_name) {
    auto const parsed = http::parse_target(method, target);
    // What was not written in origin form comes out of the parser changed.
    if (!parsed || parsed->origin != target) return errc::bad_target;
    if (target == "*") {
        if (!script_name.empty()) return errc::outside_site;
        return site_target{target, {}, "*"};
    }
    auto const split = http::split_query(target);
    if (http::has_dot_segment(split.path)) return errc::dot_segment;
    if (!split.path.starts_with(script_name)) return errc::outside_site;
    std::string_view const below = split.path.substr(script_name.size());
    if (!below.empty() && below.front() != '/') return errc::outside_site;
    auto path_info = http::percent_decode(below);
    if (!path_info) return errc::bad_target;
    return site_target{split.path, split.query, std::move(*path_info)};
}

}  // namespace crosstalk::cgi
