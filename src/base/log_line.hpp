// What an event looks like on its line, after time and level.
//
// Rule 1: one event is one line: nothing from outside can end it, start another or move the cursor.
// Rule 2: a value takes at most `max_log_value` bytes before escaping; what is cut ends in "...".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace crosstalk::base {

inline constexpr std::size_t max_log_value = 1024;

/// `component attached domain=http.example.org note="two words"`
[[nodiscard]] std::string text_line(std::string_view event, std::initializer_list<log_field> fields);

/// `"event":"component attached","domain":"http.example.org"`: members, without the braces.
[[nodiscard]] std::string json_members(std::string_view event, std::initializer_list<log_field> fields);

}  // namespace crosstalk::base
