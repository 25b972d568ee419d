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
    /// Differs once the registry's part of the directory has changed.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    /// Takes over what others have changed; whether there was anything.
    bool look();

    /// Whether there is anybody who may bind names.
    [[nodiscard]] bool is_open() const noexcept;
    /// Whether this one may.
    [[nodiscard]] refusal admit(const std::string& owner) const;
    /// The names that a bare JID has bound by itself or by the operator's command, sorted.
    [[nodiscard]] std::vector<std::string> names_of(std::string_view owner) const;

    /// Binds `name`, as a person types it, to a bare JID. Done too when it is bound to it already.
    [[nodiscard]] refusal claim(const std::string& owner, std::string_view name);
    /// Gives back all that names_of() tells.
    [[nodiscard]] refusal release_all(const std::string& owner);

  private:
    [[nodiscard]] refusal judge(const std::string& owner, const std::string& name) const;
    [[nodiscard]] refusal failed(const error_code& error) const;
    bool reload();

    std::optional<registry> kept_;
    std::string file_;
    std::int64_t version_ = -1;
    std::uint64_t revision_ = 0;
    bool is_broken_ = false;
    directory sites_;
    registration_rules rules_;
};

}  // namespace crosstalk::gateway
