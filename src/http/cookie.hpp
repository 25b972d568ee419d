// Cookies of requests (RFC 6265, 5.4): one is found, or taken out.
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk::http {

/// The value of the first cookie of that name, or "".
[[nodiscard]] std::string find_cookie(const fields& headers, std::string_view name);
/// Takes all cookies out whose names begin with one of these; a field that has none left goes too.
void remove_cookies(fields& headers, std::initializer_list<std::string_view> prefixes);

}  // namespace crosstalk::http
