// Targets, authorities and percent-encoding, without repair.
#include "http/target.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "crosstalk/http.hpp"
#include "http/syntax.hpp"

namespace crosstalk::http {

namespace {

constexpr std::size_t host_limit = 255;

bool is_alphanumeric(char c) noexcept {
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z');
}

bool is_ipv6(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size()) return false;
    std::copy(text.begin(), text.end(), terminated.begin());
    in6_addr address;
    return text.find('\0') == text.npos && inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

bool is_host_name(std::string_view text) noexcept {
    if (text.empty() || text.size() > host_limit || text.front() == '.') return false;
    if (text.find("..") != text.npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    });
}

/// Reads ":" and a port, or nothing at all, into `port`.
bool read_port(std::string_view text, std::uint16_t& port) noexcept {
    if (text.empty()) return true;
    if (text.front() != ':' || text.size() > 6) return false;
    text.remove_prefix(1);
    unsigned number = 0;
    for (const char c : text) {
        if (!is_digit(c)) return false;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    if (number > 65535 || (number == 0 && !text.empty())) return false;
    port = static_cast<std::uint16_t>(number);
    return true;
}

result<request_target> parse_absolute(std::string_view method, std::string_view raw) {
    const auto fail = result<request_target>(make_error_code(errc::bad_target));
    request_target found;
    found.form = target_form::absolute;
    const auto colon = raw.find("://");
    if (colon == raw.npos) return fail;
    found.scheme = raw.substr(0, colon);
    std::transform(found.scheme.begin(), found.scheme.end(), found.scheme.begin(), to_lower);
    if (found.scheme != "http" && found.scheme != "https") return fail;
    const auto rest = raw.substr(colon + 3);
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    found.host = parse_authority(rest.substr(0, end));
    if (!found.host) return fail;
    const auto origin = rest.substr(end);
    if (origin.empty()) {
        // A proxy would have sent `*` here (RFC 9112, 3.2.4).
        found.origin = method == "OPTIONS" ? "*" : "/";
    } else {
        if (origin.front() != '/') found.origin = '/';
        found.origin += origin;
    }
    return found;
}

std::string percent_encode(std::string_view bytes, std::string_view kept) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(bytes.size());
    for (const char c : bytes) {
        if (is_alphanumeric(c) || kept.find(c) != kept.npos) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
    return out;
}

/// The character at the front of a raw path, decoded if it is encoded, and how long it is there.
struct path_char {
    char value;
    std::size_t size;
};

path_char front_char(std::string_view raw) noexcept {
    if (raw[0] == '%' && raw.size() >= 3) {
        const int high = hex_value(raw[1]);
        const int low = hex_value(raw[2]);
        if (high >= 0 && low >= 0) return {static_cast<char>(high * 16 + low), 3};
    }
    return {raw[0], 1};
}

}  // namespace

std::string to_text(const authority& a) {
    return a.port == 0 ? a.host : a.host + ':' + std::to_string(a.port);
}

bool is_this_machine(std::string_view host) noexcept {
    if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::optional<authority> parse_authority(std::string_view text) {
    authority found;
    std::size_t end = text.find(':');
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == text.npos || !is_ipv6(text.substr(1, end - 1))) return std::nullopt;
        ++end;
    } else if (!is_host_name(text.substr(0, end))) {
        return std::nullopt;
    }
    end = std::min(end, text.size());
    if (!read_port(text.substr(end), found.port)) return std::nullopt;
    found.host = text.substr(0, end);
    std::transform(found.host.begin(), found.host.end(), found.host.begin(), to_lower);
    return found;
}

result<request_target> parse_target(std::string_view method, std::string_view raw) {
    const auto fail = result<request_target>(make_error_code(errc::bad_target));
    if (raw.empty() || !is_visible(raw) || raw.find('#') != raw.npos) return fail;
    request_target found;
    if (method == "CONNECT") {
        found.form = target_form::authority;
        found.host = parse_authority(raw);
        if (!found.host || found.host->port == 0) return fail;
        return found;
    }
    if (raw == "*") {
        if (method != "OPTIONS") return fail;
        found.form = target_form::asterisk;
        found.origin = raw;
        return found;
    }
    if (raw.front() != '/') return parse_absolute(method, raw);
    found.origin = raw;
    return found;
}

path_and_query split_query(std::string_view origin) noexcept {
    const auto mark = origin.find('?');
    if (mark == origin.npos) return {origin, {}, false};
    return {origin.substr(0, mark), origin.substr(mark + 1), true};
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const auto [value, size] = front_char(text);
        if (size == 1 && text.front() == '%') return std::nullopt;
        out += value;
        text.remove_prefix(size);
    }
    return out;
}

std::string percent_encode_path(std::string_view bytes) {
    return percent_encode(bytes, "-._~!$&'()*+,;=:@/");
}

std::string percent_encode_segment(std::string_view bytes) {
    return percent_encode(bytes, "-._~!$&'()*+,;=:@");
}

bool has_dot_segment(std::string_view raw_path) noexcept {
    std::size_t dots = 0;
    bool only_dots = true;
    while (!raw_path.empty()) {
        const auto [value, size] = front_char(raw_path);
        raw_path.remove_prefix(size);
        if (value == '/' || value == '\\') {
            if (only_dots && (dots == 1 || dots == 2)) return true;
            dots = 0;
            only_dots = true;
        } else if (value == '.') {
            ++dots;
        } else {
            only_dots = false;
        }
    }
    return only_dots && (dots == 1 || dots == 2);
}

}  // namespace crosstalk::http
