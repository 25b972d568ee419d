// As whom an address counts where visitors are counted.
#pragma once

#include <string>
#include <string_view>

namespace crosstalk::ask {

/// An IPv4 address as it is, an IPv6 one as its /64, which is the least that one customer has. What is
/// no address stays what it is.
[[nodiscard]] std::string client_network(std::string_view address);

}  // namespace crosstalk::ask
