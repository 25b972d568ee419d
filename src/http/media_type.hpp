// Media types of files, by the extension of their names.
#pragma once

#include <string_view>

namespace crosstalk::http {

/// E.g. "text/html; charset=utf-8" for "a/b.HTML"; "application/octet-stream" when the extension says
/// nothing.
[[nodiscard]] std::string_view media_type_of(std::string_view path) noexcept;

}  // namespace crosstalk::http
