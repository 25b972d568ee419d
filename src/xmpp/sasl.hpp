// Which SASL mechanism to use, and its messages in a row (RFC 6120, 6).
//
// Rule 1: the strongest in common: SCRAM with channel binding, SCRAM, PLAIN; SHA-256 before SHA-1.
// Rule 2: never without TLS; the session that owns this sees to it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "xmpp/element.hpp"
#include "xmpp/scram.hpp"
#include "xmpp/session.hpp"

namespace crosstalk::xmpp {

/// What <stream:features/> says about SASL.
struct sasl_offer {
    std::vector<std::string> mechanisms;
    std::optional<std::vector<std::string>> binding_types;  ///< XEP-0440; nothing when not announced
};
[[nodiscard]] sasl_offer read_sasl_offer(const element& features);

struct credentials {
    std::string user, password;
};

class sasl_login {
  public:
    /// Chooses a mechanism. no_mechanism when there is none in common, not_authorized when the
    /// password cannot be prepared.
    [[nodiscard]] static result<sasl_login> choose(const sasl_offer& offer, const tls_facts& facts,
                                                   const credentials& who, std::string nonce);

    [[nodiscard]] const std::string& mechanism() const noexcept { return mechanism_; }
    /// The initial response, raw.
    [[nodiscard]] std::string first() const;
    /// The answer to a challenge, both raw.
    [[nodiscard]] result<std::string> respond(std::string_view challenge);
    /// Whether success may be believed; `additional` is what came with it, raw.
    [[nodiscard]] result<void> finish(std::string_view additional) const;

  private:
    sasl_login(std::string mechanism, std::string plain)
        : mechanism_(std::move(mechanism)), plain_(std::move(plain)) {}
    sasl_login(std::string mechanism, scram_client scram)
        : mechanism_(std::move(mechanism)), scram_(std::move(scram)) {}

    std::string mechanism_;
    std::string plain_;
    std::optional<scram_client> scram_;
    bool answered_ = false;
    bool proven_ = false;
};

}  // namespace crosstalk::xmpp
