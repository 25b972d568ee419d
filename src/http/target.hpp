// Request targets and Host: what was asked for, of whom (RFC 9112, 3.2; RFC 3986).
//
// Rule 1: nothing is normalized. What is broken is refused; dot segments are only found, so that
//         the caller can refuse them.
// Rule 2: decoded paths are bytes, NUL included.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"
#include "http/error.hpp"

namespace crosstalk::http {

/// A host with an optional port.
struct authority {
    std::string host;        ///< lower case; an IPv6 address keeps its brackets
    std::uint16_t port = 0;  ///< 0: none was given
    bool operator==(const authority&) const = default;
};

/// Reads "host", "host:port", "[v6]:port". Nothing for the empty string, user information, percent
/// signs, 8-bit bytes, a port outside 1 to 65535, or brackets around no IPv6 address. An empty port
/// ("host:") is none.
[[nodiscard]] std::optional<authority> parse_authority(std::string_view text);

/// "host" or "host:port", as parse_authority() reads it.
[[nodiscard]] std::string to_text(const authority& a);

/// Whether a host, as parse_authority() gives it, is this machine by its name or address (RFC
/// 6761, 6.3).
[[nodiscard]] bool is_this_machine(std::string_view host) noexcept;

enum class target_form : std::uint8_t { origin, absolute, authority, asterisk };

/// A request target, taken apart.
struct request_target {
    target_form form = target_form::origin;
    std::string scheme;                   ///< absolute form: "http" or "https"
    std::optional<http::authority> host;  ///< absolute and authority form; it outranks the Host field
    std::string origin;                   ///< origin form or "*"; "" in authority form
};

/// Reads a target as the method allows it: CONNECT takes the authority form alone, `*` goes with
/// OPTIONS alone. A fragment, user information or another scheme than http(s): errc::bad_target.
[[nodiscard]] result<request_target> parse_target(std::string_view method, std::string_view raw);

/// A target in origin form, cut at its first question mark.
struct path_and_query {
    std::string_view path;
    std::string_view query;  ///< without the question mark
    bool has_query = false;
};
[[nodiscard]] path_and_query split_query(std::string_view origin) noexcept;

/// The bytes that `text` stands for; nothing if a percent sign is not followed by two hex digits. `+`
/// is `+`.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
/// `bytes` as a path: everything but unreserved characters, sub-delims, ":", "@" and "/" is encoded.
[[nodiscard]] std::string percent_encode_path(std::string_view bytes);
/// The same for one segment: "/" is encoded too.
[[nodiscard]] std::string percent_encode_segment(std::string_view bytes);

/// Whether a raw path has a segment "." or "..", also written with %2e, and also between encoded
/// slashes or backslashes, which some servers take for separators.
[[nodiscard]] bool has_dot_segment(std::string_view raw_path) noexcept;

}  // namespace crosstalk::http
