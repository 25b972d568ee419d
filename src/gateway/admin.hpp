// What the operator's tools ask: /healthz and /readyz.
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/http.hpp"
#include "gateway/asking.hpp"

namespace crosstalk::gateway {

/// The answer to a request on the admin listener. `obstacle`: why the gateway is not ready, "" when it
/// is.
[[nodiscard]] page admin_page(const http::request_head& head, std::string_view obstacle);

}  // namespace crosstalk::gateway
