// Text inside HTML.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::http {

/// Appends `text` so that it is text, in an element as well as in a quoted attribute. Bytes that are
/// not markup pass as they are.
void append_html_escaped(std::string& out, std::string_view text);

}  // namespace crosstalk::http
