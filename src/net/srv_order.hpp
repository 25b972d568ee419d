// In which order to try the hosts that SRV records name (RFC 2782).
//
// Rule 1: no randomness of its own: every draw is the caller's.
#pragma once

#include <functional>
#include <vector>

#include "net/dial.hpp"

namespace crosstalk::net {

/// Lower priorities first; within one, drawn by weight. `below(n)` is a random number under n.
[[nodiscard]] std::vector<resolver::srv_record> in_trying_order(
    std::vector<resolver::srv_record> records, const std::function<unsigned(unsigned)>& below);

}  // namespace crosstalk::net
