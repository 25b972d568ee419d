// `crosstalk proxy`: peers' sites in the browser of this machine, each under a host of its own, asked
// with the user's account and without a gateway.
//
// Rule 1: only hosts of peers are answered, and the proxy's own name: no page elsewhere gets in under a
//         name that it controls.
// Rule 2: who may ask is decided by requester.hpp before anybody is asked.
#pragma once

#include <string>

#include "net/account.hpp"

namespace crosstalk::visit {

struct proxy_settings : net::account {
    std::string listen = "127.0.0.1:8118";
};

/// Returns the exit status: 0 asked to stop; 1 cannot listen there; 2 could not log in.
[[nodiscard]] int run_proxy(proxy_settings settings);

}  // namespace crosstalk::visit
