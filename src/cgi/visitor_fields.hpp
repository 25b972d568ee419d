// What a web server behind us is told of the visitor, in header fields.
//
// Rule 1: Remote-User is the gateway's word or absent; a visitor's own is dropped, in any spelling.
// Rule 2: gateway and peer together are one step of the way in Via.
// Rule 3: what a proxy that the gateway's operator trusts has said of the visitor stays.
#pragma once

#include "cgi/incoming.hpp"
#include "crosstalk/http.hpp"

namespace crosstalk::cgi {

/// Drops what visitors must not say themselves (Remote-User, Proxy) or each hop says anew (Expect,
/// Content-Length), and adds Forwarded (RFC 7239), its older kin, Via and Remote-User. Host has its
/// place in them and is to be there already.
void tell_of_visitor(http::fields& headers, const incoming_request& request);

}  // namespace crosstalk::cgi
