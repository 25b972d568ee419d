// The lines of a head (RFC 9112, 3, 4 and 5).
#include "http/head_lines.hpp"

#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

constexpr std::size_t method_limit = 32;

/// Reads "HTTP/1.0" or "HTTP/1.1". `malformed` if it is no version at all.
error_code parse_version(std::string_view text, unsigned& minor, errc malformed) {
    if (text.size() != 8 || !text.starts_with("HTTP/") || !is_digit(text[5]) || text[6] != '.' ||
        !is_digit(text[7]))
        return malformed;
    if (text[5] != '1' || text[7] > '1') return errc::unsupported_version;
    minor = static_cast<unsigned>(text[7] - '0');
    return {};
}

}  // namespace

error_code parse_request_line(std::string_view line, std::size_t uri_limit, request_head& head) {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == line.npos || first == last) return errc::bad_request_line;
    const auto method = line.substr(0, first);
    const auto target = line.substr(first + 1, last - first - 1);
    if (!is_token(method)) return errc::bad_method;
    if (method.size() > method_limit) return errc::method_too_long;
    if (target.size() > uri_limit) return errc::uri_too_long;
    if (target.empty()) return errc::bad_request_line;
    if (!is_visible(target)) return errc::bad_target;
    if (auto e = parse_version(line.substr(last + 1), head.version_minor, errc::bad_request_line))
        return e;
    head.method = method;
    head.target = target;
    return {};
}

error_code parse_status_line(std::string_view line, response_head& head) {
    const auto space = line.find(' ');
    if (auto e = parse_version(line.substr(0, space), head.version_minor, errc::bad_status_line))
        return e;
    if (space == line.npos) return errc::bad_status_line;
    auto rest = line.substr(space + 1);
    if (rest.size() < 3 || !is_digit(rest[0]) || !is_digit(rest[1]) || !is_digit(rest[2]))
        return errc::bad_status_line;
    head.status = static_cast<unsigned>((rest[0] - '0') * 100 + (rest[1] - '0') * 10 + (rest[2] - '0'));
    if (head.status < 100 || head.status > 599) return errc::bad_status_line;
    rest.remove_prefix(3);
    if (!rest.empty() && rest.front() != ' ') return errc::bad_status_line;
    const auto reason = trim(rest);
    if (!is_field_value(reason)) return errc::bad_status_line;
    head.reason = reason;
    return {};
}

result<field_view> parse_field_line(std::string_view line) {
    const auto fail = [](errc e) { return result<field_view>(make_error_code(e)); };
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == line.npos || !is_token(name)) {
        if (line.front() == ' ' || line.front() == '\t') return fail(errc::obsolete_folding);
        if (line.find('\r') != line.npos) return fail(errc::bad_line_end);
        const bool spaced = colon != line.npos && !name.empty() && is_token(trim(name));
        return fail(spaced ? errc::space_before_colon : errc::bad_field_name);
    }
    const auto value = trim(line.substr(colon + 1));
    if (!is_field_value(value))
        return fail(value.find('\r') != value.npos ? errc::bad_line_end : errc::bad_field_value);
    return field_view{name, value};
}

}  // namespace crosstalk::http
