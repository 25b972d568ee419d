// Whom a request asks for: what its target and its Host say, taken apart.
//
// Rule: nothing is decoded or normalized, and dot segments are refused.
#pragma once

#include <string>
#include <variant>

#include "ask/failure.hpp"
#include "crosstalk/http.hpp"
#include "http/target.hpp"

namespace crosstalk::ask {

struct destination {
    http::authority authority;  ///< from the target or from Host
    std::string target;         ///< origin-form, or "*"
    [[nodiscard]] bool is_whole_server() const noexcept { return target == "*"; }
};

/// `unnamed` is whom a request means that names nobody: HTTP/1.0 need not.
[[nodiscard]] std::variant<destination, refusal> find_destination(const http::request_head& head,
                                                                  const http::authority& unnamed);

/// A target in absolute form outranks Host, which is to say the same then (RFC 9112, 3.2.2).
void obey_target(http::request_head& head, const http::authority& asked);

}  // namespace crosstalk::ask
