// The table of failures.
#include "ask/failure.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace crosstalk::ask {

namespace {

constexpr const char* ask_client =
    "Your program sent something that is not valid HTTP; trying again will not help.";
constexpr const char* try_again = "Try again in a moment.";
constexpr const char* tell_owner = "Try again; if it stays like this, tell whoever publishes the site.";

failure peer_failure(unsigned status, std::string happened, std::string advice) {
    return {status, std::move(happened), std::move(advice), true, 0};
}

failure failure_of_shutdown(const std::string& reason) {
    if (reason == "timeout") {
        return peer_failure(504, "The publisher's computer gave up waiting for the answer.",
                            tell_owner);
    }
    if (reason == "backend-refused") {
        return peer_failure(502,
                            "The program behind this site does not answer: the publisher's computer is "
                            "online, but what it publishes is not running.",
                            tell_owner);
    }
    if (reason == "unsupported-method") return failure_of(refusal::method_not_supported);
    if (reason == "too-large") {
        return peer_failure(502, "The answer's head is too large to be carried.",
                            "Tell whoever publishes the site.");
    }
    if (reason == "unknown") {
        return peer_failure(502, "The publisher's program was started anew while it answered.",
                            try_again);
    }
    return peer_failure(502, "The publisher's computer gave this request up.", tell_owner);
}

failure failure_of_bounce(const std::string& condition) {
    if (condition == "remote-server-timeout") {
        return peer_failure(504, "The publisher's server did not answer in time.", try_again);
    }
    if (condition == "remote-server-not-found") {
        return peer_failure(502, "The publisher's server cannot be reached from here.", tell_owner);
    }
    if (condition == "lost")
        return peer_failure(502, "The servers on the way to the publisher lost a part of this.",
                            try_again);
    return peer_failure(502, "A server on the way to the publisher returned the request.", tell_owner);
}

}  // namespace

failure failure_of(refusal why) {
    switch (why) {
        case refusal::malformed:
            return {400, "The request could not be understood.", ask_client};
        case refusal::bad_target:
            return {400,
                    "The address contains \".\" or \"..\" as a part of its path, or no path at all.",
                    "Check the address."};
        case refusal::unknown_site:
            return {404, "There is no site of this name here.",
                    "Check the address for a typing error. If it was right once, its publisher has "
                    "given the name up."};
        case refusal::method_not_supported:
            return {501, "This method is not supported here.", "Use another method."};
        case refusal::too_slow:
            return {408, "The request did not arrive completely in time.",
                    "Check your connection and try again."};
        case refusal::body_too_large:
            return {413, "What you sent is larger than what is let through here.",
                    "Send something smaller."};
        case refusal::uri_too_long:
            return {414, "The address is too long.", "Use a shorter address."};
        case refusal::head_too_large:
            return {431, "The request's header fields are too large.",
                    "Delete the cookies of this site, or send fewer header fields."};
        case refusal::unsupported_coding:
            return {501, "The request's transfer coding is not supported.", ask_client};
        case refusal::unsupported_version:
            return {505, "This version of HTTP is not spoken here.", "Use HTTP/1.1."};
        case refusal::not_encrypted:
            return {400, "This port speaks https, and the request came as http.",
                    "Begin the address with https://."};
        case refusal::too_many_requests:
            return {429, "More requests come from your address than are let through at once.",
                    "Wait for those that are open to end, and try again.", false, 2};
        case refusal::withdrawn:
            return {403, "This site has just ceased to be shown to you.",
                    "Its publisher, or whoever runs this gateway, has changed who may see it.", true};
    }
    return {500, "Something went wrong here.", try_again};
}

failure failure_of_unreadable(unsigned status) {
    switch (status) {
        case 404:
            return failure_of(refusal::unknown_site);
        case 414:
            return failure_of(refusal::uri_too_long);
        case 431:
            return failure_of(refusal::head_too_large);
        case 501:
            return failure_of(refusal::unsupported_coding);
        case 505:
            return failure_of(refusal::unsupported_version);
        default:
            return failure_of(refusal::malformed);
    }
}

failure failure_of(absence why) {
    switch (why) {
        case absence::detached:
            return {503, "The connection from here to the XMPP server is lost, and is being restored.",
                    try_again, false, 5};
        case absence::nobody_home:
            return {503, "The publisher of this site is offline.",
                    "The site is back as soon as its publisher's computer is. Try again later.", false,
                    30};
        case absence::busy:
            return {503, "The publisher's computer has more requests than it can answer at once.",
                    try_again, false, 2};
        case absence::crowded:
            return {503, "There are more visitors than can be served at once.", try_again, false, 5};
    }
    return {500, "Something went wrong here.", try_again};
}

failure failure_of(const talk::outcome& end, bool uri_is_cause) {
    using talk::end_kind;
    switch (end.kind) {
        case end_kind::shut_down:
            return failure_of_shutdown(end.reason);
        case end_kind::bounced:
            return failure_of_bounce(end.reason);
        case end_kind::broken:
            return peer_failure(502,
                                "The publisher's computer sent an answer that breaks the protocol.",
                                "Tell whoever publishes the site.");
        case end_kind::offline:
            return peer_failure(502, "The publisher's computer went offline while it answered.",
                                try_again);
        case end_kind::replaced:
            return peer_failure(502, "The publisher's program was started anew while it answered.",
                                try_again);
        case end_kind::too_large:
            return failure_of(uri_is_cause ? refusal::uri_too_long : refusal::head_too_large);
        case end_kind::timed_out:
            return peer_failure(504, "The publisher's computer did not answer in time.", tell_owner);
        case end_kind::link_down: {
            auto lost = failure_of(absence::detached);
            lost.may_have_run = true;
            return lost;
        }
        case end_kind::open:
        case end_kind::completed:
        case end_kind::given_up:
            break;
    }
    return peer_failure(502, "The publisher's computer ended without an answer.", tell_owner);
}

failure unusable_answer() {
    return peer_failure(502, "The publisher's computer sent an answer that is not valid HTTP.",
                        "Tell whoever publishes the site.");
}

bool is_domain_trouble(const talk::outcome& end) noexcept {
    constexpr std::array<std::string_view, 2> conditions = {"remote-server-not-found",
                                                            "remote-server-timeout"};
    return end.kind == talk::end_kind::bounced &&
           std::find(conditions.begin(), conditions.end(), end.reason) != conditions.end();
}

bool is_failure(const talk::outcome& end) noexcept {
    // What is wrong with the request, or the visitor's doing, is no resource's fault.
    constexpr std::array<std::string_view, 4> blameless = {"client-gone", "too-large", "overrun",
                                                           "unsupported-method"};
    switch (end.kind) {
        case talk::end_kind::bounced:
        case talk::end_kind::broken:
        case talk::end_kind::timed_out:
            return true;
        case talk::end_kind::shut_down:
            return std::ranges::find(blameless, end.reason) == blameless.end();
        default:
            return false;
    }
}

bool may_go_elsewhere(const talk::outcome& end) noexcept {
    using talk::end_kind;
    if (end.kind == end_kind::offline || end.kind == end_kind::replaced) return true;
    // Whoever has waited in vain for as long as an answer may take has waited long enough.
    const bool is_late = end.kind == end_kind::timed_out ||
                         (end.kind == end_kind::shut_down && end.reason == "timeout");
    return !is_late && is_failure(end);
}

}  // namespace crosstalk::ask
