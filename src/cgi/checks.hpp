// What both sides check in the same way, so that no gateway of ours sends what a peer of ours refuses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cgi/error.hpp"
#include "crosstalk/environ.hpp"

namespace crosstalk::cgi {

/// Whether a field never crosses although it is not hop-by-hop: Proxy (a CGI program would take
/// HTTP_PROXY for its configuration) and Expect (each hop answers it itself).
[[nodiscard]] bool is_never_passed(std::string_view field_name) noexcept;
/// What proxies say of the visitor: Forwarded, X-Forwarded-*, and X-Real-IP.
[[nodiscard]] bool is_forwarded(std::string_view field_name) noexcept;

/// Digits only, at most 2^53-1.
[[nodiscard]] std::optional<std::uint64_t> parse_content_length(std::string_view text) noexcept;

/// Whether a variable's value may cross: bytes of a field's value (RFC 9110, 5.5), but for PATH_INFO,
/// which holds what was percent-encoded and may have any but CR and LF.
[[nodiscard]] bool is_value(variable const& v) noexcept;

/// A target taken apart below its site. Views into the target.
struct site_target {
    std::string_view path;   ///< all of the target before the query
    std::string_view query;  ///< without the question mark
    std::string path_info;   ///< what follows script_name in `path`, decoded
};

/// Checks that `target` is origin-form or `*`, without dot segments, and below `script_name` as
/// written.
[[nodiscard]] result<site_target> split_target(std::string_view method, std::string_view target,
                                               std::string_view script_name);

}  // namespace crosstalk::cgi
