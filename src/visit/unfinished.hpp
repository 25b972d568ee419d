// What is known of a file of which only a part has come, kept beside it as FILE.unfinished, so that the
// rest can be had later, and only if it is still the same file.
//
// Rule: a validator counts only if it is strong (RFC 9110, 8.8.1): else the file is fetched anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::visit {

struct unfinished {
    std::string address;    ///< what was fetched
    std::string validator;  ///< for If-Range: an entity tag or a date; "" = none
    bool operator==(const unfinished&) const = default;
};

[[nodiscard]] std::string to_text(const unfinished& what);
/// Nothing for a text that to_text() has not made.
[[nodiscard]] std::optional<unfinished> read_unfinished(std::string_view text);

/// The strong validator of an answer, or "". A date counts if the answer was made a second or more
/// after it.
[[nodiscard]] std::string validator_of(const http::fields& headers);

/// "bytes 100-199/200"; `size` is absent for "*".
struct content_range {
    std::uint64_t first = 0, last = 0;
    std::optional<std::uint64_t> size;
    bool operator==(const content_range&) const = default;
};
[[nodiscard]] std::optional<content_range> read_content_range(std::string_view value);
/// The N of "bytes */N", beside 416.
[[nodiscard]] std::optional<std::uint64_t> read_unsatisfied_range(std::string_view value);

}  // namespace crosstalk::visit
