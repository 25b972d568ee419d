// A file as an answer: type, validators, conditions and ranges (RFC 9110, 13 and 14).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cgi/incoming.hpp"
#include "peer/answer.hpp"

namespace crosstalk::peer {

/// Answers a GET or HEAD with `file`, whose type its `name` tells, at `now` seconds since 1970.
[[nodiscard]] answer answer_with_file(const cgi::incoming_request& request, opened file,
                                      std::string_view name, std::int64_t now);

/// The strong entity tag of a file: another file, another size or another time of change gives another.
[[nodiscard]] std::string entity_tag(const opened& file);

}  // namespace crosstalk::peer
