// SCRAM from the client's side (RFC 5802, RFC 7677), as pure functions of a nonce.
//
// Rule 1: the server's iteration count and message lengths are bounded.
// Rule 2: a login counts only once verify() has succeeded: the server too has proven that it knows the
// password.
#pragma once

#include <string>
#include <string_view>

#include "base/digest.hpp"
#include "xmpp/error.hpp"

namespace crosstalk::xmpp {

/// What stands at the head of the first message about channel binding (RFC 5802, 7: gs2-cbind-flag).
struct channel_binding {
    enum class kind {
        unsupported,  ///< `n`: we cannot
        not_offered,  ///< `y`: we could, but the server seems not to
        used,         ///< `p=type`
    };
    kind use = kind::unsupported;
    std::string type;   ///< "tls-exporter", "tls-server-end-point"
    std::string value;  ///< raw
};

/// A password prepared by SASLprep (RFC 4013); fails (not_authorized) when it contains what that
/// forbids.
[[nodiscard]] result<std::string> saslprep(std::string_view text);

class scram_client {
  public:
    static constexpr unsigned max_iterations = 10'000'000;

    /// `user` and `password` are prepared already. `nonce`: printable ASCII without a comma.
    scram_client(base::hash algorithm, std::string_view user, std::string password, std::string nonce,
                 channel_binding binding);

    [[nodiscard]] std::string first_message() const;
    /// The client's proof for the server's first message; server_not_proven when that is not an
    /// answer to ours or asks for too much work.
    [[nodiscard]] result<std::string> final_message(std::string_view server_first);
    /// Whether the server's last message proves it: server_not_proven; not_authorized for `e=`.
    [[nodiscard]] result<void> verify(std::string_view server_final) const;

  private:
    [[nodiscard]] std::string gs2_header() const;

    base::hash algorithm_;
    std::string password_;
    std::string nonce_;
    channel_binding binding_;
    std::string first_bare_;
    std::string expected_signature_;
};

}  // namespace crosstalk::xmpp
