// Media types: of files, by the extension of their names; and which of them compress well.
#pragma once

#include <string_view>

namespace crosstalk::http {

/// E.g. "text/html; charset=utf-8" for "a/b.HTML"; "application/octet-stream" when the extension says
/// nothing.
[[nodiscard]] std::string_view media_type_of(std::string_view path) noexcept;

/// Whether bodies of that type, a Content-Type value, become much smaller by compression: text, what is
/// written like it, and what pages load that is not compressed already.
[[nodiscard]] bool is_compressible(std::string_view content_type) noexcept;

}  // namespace crosstalk::http
