// From what was typed to a request.
#pragma once

#include <cstdint>
#include <optional>

#include "cgi/environ.hpp"
#include "visit/fetch.hpp"

namespace crosstalk::visit {

/// A part that is there already: its size, and how the whole is known to be still the same.
struct kept_part {
    std::uint64_t size = 0;
    std::string validator;
};

/// The request's head. `length`: of the body, if that is known; `kept`: only the rest is asked for.
[[nodiscard]] http::request_head make_request(const fetch_settings& s,
                                              std::optional<std::uint64_t> length,
                                              const std::optional<kept_part>& kept);

/// The request object for a request to `bare`: Host and the server are the JID's domain.
[[nodiscard]] result<cgi::environ_map> make_peer_environ(http::request_head head, std::string target,
                                                         std::string_view bare);

}  // namespace crosstalk::visit
