// A folder as a page of links.
//
// Rule: names are text wherever they are shown and encoded wherever they are linked, so that no name
// can
//       become markup, a scheme or another folder. Bytes that are not UTF-8 are shown as U+FFFD and
//       linked as they are.
#pragma once

#include <string>
#include <string_view>

#include "peer/document_root.hpp"

namespace crosstalk::peer {

/// The HTML page for the folder that visitors know as `path` ("/" or "/a/b/"). It links the folder
/// above unless `path` is "/".
[[nodiscard]] std::string listing_page(std::string_view path, const folder_listing& listing);

/// `bytes` with everything that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string to_utf8(std::string_view bytes);

}  // namespace crosstalk::peer
