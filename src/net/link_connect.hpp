// How an XMPP link gets its connection: the servers of a domain in turn, TCP, and direct TLS where
// asked.
#pragma once

#include "net/link_failure.hpp"
#include "net/xmpp_link.hpp"

namespace crosstalk::net {

struct link_connection {
    byte_stream stream;
    bool is_secure = false;
};

/// The first server that can be reached. `progress` says which one is being tried, and how far it got.
[[nodiscard]] awaitable<result<link_connection>> connect_link(resolver& names,
                                                              const link_settings& settings,
                                                              link_failure& progress);

}  // namespace crosstalk::net
