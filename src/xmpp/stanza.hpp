// Building and reading stanzas: requests, answers, errors (RFC 6120, 8).
//
// Rule: every stanza here is in `jabber:client` (element.hpp, rule 3); write it with
// to_xml(ns::client).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "xmpp/element.hpp"

namespace crosstalk::xmpp {

[[nodiscard]] bool is_iq(const element& stanza) noexcept;
[[nodiscard]] bool is_message(const element& stanza) noexcept;
[[nodiscard]] bool is_presence(const element& stanza) noexcept;
/// An iq of type get or set: its sender is owed one answer.
[[nodiscard]] bool is_request(const element& stanza) noexcept;
/// An iq of type result or error.
[[nodiscard]] bool is_response(const element& stanza) noexcept;
/// The one payload of an iq get or set, or null.
[[nodiscard]] const element* payload_of(const element& stanza) noexcept;
/// Whether the stanza was stored on the way (XEP-0203).
[[nodiscard]] bool is_delayed(const element& stanza) noexcept;

enum class iq_type { get, set };
/// A request. `from` and `to` are left out when they are "".
[[nodiscard]] element make_iq(iq_type type, std::string_view id, std::string_view to,
                              std::string_view from = {});

/// A message with a body.
[[nodiscard]] element make_message(std::string_view type, std::string_view to, std::string_view from,
                                   std::string_view body);

/// How the sender of a stanza may react (RFC 6120, 8.3.2).
enum class error_type { auth, cancel, continue_, modify, wait };

/// Defined conditions (RFC 6120, 8.3.3), in the order of the RFC.
enum class condition {
    bad_request,
    conflict,
    feature_not_implemented,
    forbidden,
    gone,
    internal_server_error,
    item_not_found,
    jid_malformed,
    not_acceptable,
    not_allowed,
    not_authorized,
    policy_violation,
    recipient_unavailable,
    redirect,
    registration_required,
    remote_server_not_found,
    remote_server_timeout,
    resource_constraint,
    service_unavailable,
    subscription_required,
    undefined_condition,
    unexpected_request,
};
[[nodiscard]] std::string_view to_string(condition c) noexcept;
[[nodiscard]] std::string_view to_string(error_type t) noexcept;
/// The type that the RFC gives the condition.
[[nodiscard]] error_type usual_type(condition c) noexcept;

struct stanza_error {
    condition what = condition::undefined_condition;
    error_type type = error_type::cancel;
    std::string text;
    std::string by;  ///< who says so, if it is told

    stanza_error() = default;
    stanza_error(condition c, std::string t = {}) : what(c), type(usual_type(c)), text(std::move(t)) {}
};

/// Answers to `request`: same id, addresses turned around.
[[nodiscard]] element make_result(const element& request);
[[nodiscard]] element make_error(const element& request, const stanza_error& error);
/// The <error/> element alone.
[[nodiscard]] element error_element(const stanza_error& error);
/// The error of a stanza of type 'error': undefined_condition when it names none that we know;
/// nothing when the stanza is no error.
[[nodiscard]] std::optional<stanza_error> read_error(const element& stanza);

}  // namespace crosstalk::xmpp
