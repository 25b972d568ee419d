// What a program of yours is asked, and what it answers: HTTP semantics (RFC 9110), without
// connections.
//
// Rule 1: everything in a request is a stranger's word unless its comment says otherwise; names and
//         values are bytes, in no assumed encoding.
// Rule 2: these are plain values: copy them, keep them, give them to other threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/http.hpp"

namespace crosstalk {

/// A request as it arrives (RFC 9110, 9 and 10; docs/protocol.md, section 3). It has been checked: no
/// control characters in fields, no dot segments in the path.
struct request {
    /// "GET", "POST", … (RFC 9110, 9.1); never CONNECT or TRACE.
    std::string method{};
    /// As the visitor wrote it: "/a%20b?c" or "*" (RFC 9112, 3.2). At most some KiB: the gateway's
    /// limit.
    std::string target{};
    /// Where the site begins: "" under a host of its own, "/NAME" under a shared one (RFC
    /// 3875, 4.1.13). What you link to begins with it.
    std::string script_name{};
    /// The path below it, percent-decoded: bytes, NUL among them perhaps (RFC 3875, 4.1.5).
    std::string path{};
    /// What follows the question mark, as the visitor wrote it (RFC 3875, 4.1.7).
    std::string query{};
    /// End-to-end fields, Content-Type and Host among them (RFC 9110, 6.3); not Content-Length.
    http::fields headers{};
    /// Bytes of the body, if the visitor has said how many (RFC 9110, 8.6). A body without it may come.
    std::optional<std::uint64_t> content_length{};
    /// Who asks, "" when that is not known. From another peer (`auth_type` is "XMPP") its bare JID, as
    /// the XMPP servers vouch for it (RFC 6120, 8.1.2.1); from a gateway the visitor that it has
    /// verified.
    std::string user{};
    std::string auth_type{};
    /// The visitor's address as the gateway tells it, or "" (RFC 3875, 4.1.8).
    std::string remote_addr{};
    /// "http" or "https" as the visitor sees the site, or "" from another peer.
    std::string scheme{};
    /// The whole body. "" in requests that come as a `visitor` (visitor.hpp), which reads it in pieces.
    std::string body{};
};

/// Gives the next bytes of a body: at least one and at most `most`, or "" when that was all. `most` is
/// never less than 16 KiB. Called on the loop's thread whenever there is room for as much, so that only
/// one piece is in memory; it should not block for long, as everything else waits meanwhile. What it
/// throws cuts the body off, and the other side learns that it is not whole.
using body_source = std::function<std::string(std::size_t most)>;

/// Takes the next bytes of a body, in order and never none. Called on the loop's thread; no more is
/// fetched before it returns. What it throws gives the body up.
using body_sink = std::function<void(std::string_view bytes)>;

/// An answer (RFC 9110, 15). A status outside 200 to 599, or a field that HTTP does not allow (RFC
/// 9110, 5), makes a 500 of it. Date, and Content-Length of `body`, are added.
struct response {
    unsigned status = 200;
    /// Content-Type is for you to say. Fields of a connection (RFC 9110, 7.6.1) are left out.
    http::fields headers{};
    /// The body, whole …
    std::string body{};
    /// … or where to take it from, piece by piece; then `body` is not looked at. Its length may be told
    /// in Content-Length, and is then to be kept to.
    body_source source{};
};

}  // namespace crosstalk
