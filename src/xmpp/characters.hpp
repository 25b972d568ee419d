// Which bytes may stand in an XML 1.0 document in UTF-8.
//
// Rule: tab, LF, CR, and U+0020 upwards without surrogates, U+FFFE and U+FFFF, in their shortest form.
#pragma once

#include <cstddef>
#include <string_view>

namespace crosstalk::xmpp {

/// Length in bytes (1 to 4) of the legal character that `text` begins with; 0 when it begins with none.
[[nodiscard]] std::size_t legal_character(std::string_view text) noexcept;

/// Whether all of `text` is legal characters. Fast on ASCII.
[[nodiscard]] bool is_legal_text(std::string_view text) noexcept;

}  // namespace crosstalk::xmpp
