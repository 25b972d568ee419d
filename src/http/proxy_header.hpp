// The PROXY protocol, versions 1 and 2: what a proxy says about its client before the first byte of
// HTTP or TLS.
//
// Rule 1: what begins like a header and is none is an error; nothing is guessed and nothing skipped.
// Rule 2: the header's size is bounded, and not a byte behind it is looked at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crosstalk/error.hpp"

namespace crosstalk::http {

/// The longest header that is taken: 4 KiB, most of which are TLVs of version 2, which are skipped.
inline constexpr std::size_t proxy_header_most = 4096;

struct proxied_client {
    std::string address;     ///< "192.0.2.7", "2001:db8::1"; "" for whoever came through a unix socket
    std::uint16_t port = 0;  ///< 0 then
    bool operator==(const proxied_client&) const = default;
};

struct proxy_header {
    enum class kind : std::uint8_t {
        absent,      ///< the connection begins with something else
        incomplete,  ///< more bytes are needed to tell, or to read it
        complete,
    };
    kind what = kind::absent;
    std::size_t size = 0;  ///< of a complete header: what follows is the connection's
    /// Nothing where the proxy speaks for itself (LOCAL), or does not know (UNKNOWN, AF_UNSPEC): the
    /// connection's own end is the client then.
    std::optional<proxied_client> client;
    bool operator==(const proxy_header&) const = default;
};

/// What `bytes`, all that has come on a connection so far, begin with. Error: bad_proxy_header.
[[nodiscard]] result<proxy_header> read_proxy_header(std::string_view bytes);

}  // namespace crosstalk::http
