// Between the library's requests and answers, and those of the peer.
//
// Rule: what a program answers is checked here, before it goes anywhere. No I/O.
#pragma once

#include <optional>
#include <string>

#include "cgi/incoming.hpp"
#include "crosstalk/request.hpp"
#include "peer/answer.hpp"

namespace crosstalk::library {

/// The request without a body.
[[nodiscard]] request make_request(cgi::incoming_request from);

/// The start of an answer. Nothing, and `problem` set, where HTTP does not allow it.
[[nodiscard]] std::optional<talk::response_start> make_start(unsigned status, http::fields headers,
                                                             std::string& problem);

/// Whether an answer with that status, to a request with that method, has a body.
[[nodiscard]] bool has_body(std::string_view method, unsigned status) noexcept;

/// An answer with a whole body, which is left out where there may be none, and its length. Nothing, and
/// `problem` set, where HTTP does not allow it.
[[nodiscard]] std::optional<peer::answer> make_whole_answer(response from, std::string_view method,
                                                            std::string& problem);

}  // namespace crosstalk::library
