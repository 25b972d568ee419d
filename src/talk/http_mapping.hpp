// Between request objects and XEP-0332, which carries a method, a resource and headers.
//
// Rule 1: a request object is made and read by the rules of cgi/, whoever sent the headers.
// Rule 2: a site's own program knows nothing of SCRIPT_NAME: it is asked for what is below it, and the
//         addresses in its answer are put below it again.
#pragma once

#include <string>
#include <string_view>

#include "crosstalk/environ.hpp"
#include "talk/http_stanza.hpp"

namespace crosstalk::talk {

/// What to ask, without its body. errc::unsupported_method where the XEP does not have the method;
/// errors of cgi for what is no request object.
[[nodiscard]] result<http_request> to_http_request(const cgi::environ_map& request);

/// The request object for what `asked` asks. `own_name` stands for a missing Host. Errors are those of
/// cgi: they have a status.
[[nodiscard]] result<cgi::environ_map> to_request_object(const http_request& asked,
                                                         std::string_view own_name);

/// Puts the paths that Location and Content-Location name below `script_name`.
void put_below(http::fields& headers, std::string_view script_name);

}  // namespace crosstalk::talk
