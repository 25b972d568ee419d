// Who has which site, and who may bind names without the operator.
//
// Rule 1: what changes here is in the registry first, and the directory follows it; other processes may
//         change the registry too.
// Rule 2: a name stays its owner's until it is given back.
// Rule 3: no Asio in here; every call is short and made from one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/directory.hpp"
#include "gateway/registration_rules.hpp"
#include "gateway/registry.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

class registrar {
  public:
    /// Why something was not done; nothing when it was.
    using refusal = std::optional<xmpp::stanza_error>;

    /// `file` is for messages. `kept`: nothing when there is no registry.
    registrar(std::optional<registry> kept, std::string file);
    void configure(const std::map<std::string, std::string>& fixed, registration_rules rules);

    [[nodiscard]] const directory& sites() const noexcept { return sites_; }
    /// Takes over what others have changed; whether there was anything.
    bool look();

    /// Whether there is anybody who may bind names.
    [[nodiscard]] bool is_open() const noexcept;
    [[nodiscard]] bool admits(std::string_view owner) const;
    [[nodiscard]] const registration_rules& rules() const noexcept { return rules_; }
    /// The names that a bare JID has bound by itself or by the operator's command, sorted.
    [[nodiscard]] std::vector<std::string> names_of(std::string_view owner) const;

    /// Binds `name`, as a person types it, to a bare JID. Done too when it is bound to it already.
    [[nodiscard]] refusal claim(const std::string& owner, std::string_view name);
    /// What is said where the operator alone gives names.
    [[nodiscard]] static xmpp::stanza_error closed();
    /// Gives back one name, or all that names_of() tells.
    [[nodiscard]] refusal release(const std::string& owner, const std::string& name);
    [[nodiscard]] refusal release_all(const std::string& owner);

  private:
    [[nodiscard]] refusal judge(const std::string& owner, const std::string& name) const;
    [[nodiscard]] refusal failed(const error_code& error) const;
    bool reload();

    std::optional<registry> kept_;
    std::string file_;
    std::int64_t version_ = -1;
    bool is_broken_ = false;
    directory sites_;
    registration_rules rules_;
};

}  // namespace crosstalk::gateway
