// Everything that can go wrong with a visitor's request, and what the visitor is told of it.
//
// Rule 1: each cause is mapped to its HTTP status and words in this file, nowhere else.
// Rule 2: where the request may have been run all the same, the words say so.
#pragma once

#include <string>

#include "crosstalk/transaction.hpp"

namespace crosstalk::ask {

/// What a visitor is told: docs/protocol.md, section 8.
struct failure {
    unsigned status = 500;
    std::string happened;       ///< one sentence or two: what happened
    std::string advice;         ///< what the visitor can do
    bool may_have_run = false;  ///< the request may have been run, wholly or in part
    unsigned retry_after = 0;   ///< seconds; 0 = no Retry-After
};

/// A request that is refused before anybody is asked.
enum class refusal {
    malformed,             ///< the request breaks HTTP
    bad_target,            ///< dot segments, or no path
    unknown_site,          ///< nothing of that name here
    method_not_supported,  ///< CONNECT, TRACE
    too_slow,              ///< the request did not come in time
    body_too_large,        ///< more than the operator allows
    uri_too_long,
    head_too_large,
    unsupported_coding,   ///< a transfer coding that is not chunked
    unsupported_version,  ///< not HTTP/1.0 or 1.1
    not_encrypted,        ///< http on a port for https
    too_many_requests,    ///< more of one client than the operator allows
    withdrawn,            ///< the site has ceased to be for this visitor while it was asked
};
[[nodiscard]] failure failure_of(refusal why);
/// What a request or its body was refused for by the readers: a status of http::status_of() or
/// cgi::status_of().
[[nodiscard]] failure failure_of_unreadable(unsigned status);

/// Why nobody can be asked just now.
enum class absence {
    detached,     ///< there is no connection to our own XMPP server
    nobody_home,  ///< no resource of the owner is online
    busy,         ///< the resource has as many transactions as it may have
    crowded,      ///< there are as many connections as there may be
};
[[nodiscard]] failure failure_of(absence why);

/// How a transaction ended without a response. `uri_is_cause`: the target is most of a head that is
/// too large.
[[nodiscard]] failure failure_of(const talk::outcome& end, bool uri_is_cause);
/// A peer's answer that cannot be passed on.
[[nodiscard]] failure unusable_answer();

/// Whether this end says that the resource cannot be reached through its server just now.
[[nodiscard]] bool is_domain_trouble(const talk::outcome& end) noexcept;
/// Whether the resource has failed, so that others are better asked first for a while. One that went
/// away has not.
[[nodiscard]] bool is_failure(const talk::outcome& end) noexcept;
/// Whether the resource went away or has failed, so that another one may be asked in its place.
[[nodiscard]] bool may_go_elsewhere(const talk::outcome& end) noexcept;

}  // namespace crosstalk::ask
