// Words for the component's link to its server: what went wrong, and what to change in which file.
#pragma once

#include <string>

#include "crosstalk/error.hpp"
#include "gateway/settings.hpp"

namespace crosstalk::gateway {

struct link_trouble {
    bool needs_someone = false;  ///< it will not go away by itself
    std::string advice;
};

/// Why the component stream of `s` is gone, or never came up.
[[nodiscard]] link_trouble trouble_of(const error_code& error, const settings& s);

/// What is wrong while somebody else is attached as the component of `s` as well, and what to do.
[[nodiscard]] std::string namesake_advice(const settings& s);

/// Whether `host` is this machine as far as its name tells: the component link is not encrypted.
[[nodiscard]] bool is_loopback(const std::string& host);

}  // namespace crosstalk::gateway
