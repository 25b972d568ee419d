// Why an XMPP link is not up: in words for people, and whether trying again can help.
//
// Rule: each text says what happened, with which server, and what to do.
#pragma once

#include <string>

#include "crosstalk/error.hpp"

namespace crosstalk::net {

struct link_failure {
    enum class stage { lookup, connect, tls, login, online };

    stage at = stage::lookup;
    error_code error;
    std::string server_text;  ///< what the server said of it, or ""
    std::string where;        ///< "127.0.0.1:5347", or "" before a server is known
    std::string domain;       ///< for whom
};

[[nodiscard]] std::string describe(const link_failure& failure);

/// Whether only a person can mend it: refused credentials always, a certificate and a configuration
/// that do not fit only for a link that has never been online.
[[nodiscard]] bool is_final(const link_failure& failure, bool was_online) noexcept;

}  // namespace crosstalk::net
