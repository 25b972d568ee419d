// Who has which site, and who may bind names without the operator.
//
// Rule 1: what changes here is in the registry first, and the directory follows it; other processes may
//         change the registry too.
// Rule 2: a name stays its owner's until it is given back.
// Rule 3: reading is from memory and at once; changing waits for the registry's thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/directory.hpp"
#include "gateway/policies.hpp"
#include "gateway/registration_rules.hpp"
#include "gateway/registry_thread.hpp"
#include "net/task_group.hpp"
#include "xmpp/stanza.hpp"

namespace crosstalk::gateway {

/// What is to be different about a site; what is absent stays.
struct site_change {
    std::optional<visibility> seen_by = {};
    std::optional<std::vector<std::string>> guests = {};  ///< all of them: bare JIDs and domains, prepared
    std::vector<std::string> invited = {};                ///< to be added to the guests
    std::vector<std::string> dismissed = {};              ///< to be taken from them
    std::optional<bool> suspended = {};                   ///< the operator's alone
};

class registrar {
  public:
    /// Why something was not done; nothing when it was.
    using refusal = std::optional<xmpp::stanza_error>;
    template <class T>
    using awaitable = net::awaitable<T>;
    /// Of one site; more are refused.
    static constexpr std::size_t most_guests = 1000, most_hosts = 16;

    /// `file` is for messages. `kept`: nothing when there is no registry. Reads it before it returns.
    registrar(net::executor ex, std::optional<registry> kept, std::string file);
    /// `said`: the operator's rules in it.
    void configure(const std::vector<site>& fixed, registration_rules rules, std::vector<policy> said = {});

    [[nodiscard]] const directory& sites() const noexcept { return sites_; }
    [[nodiscard]] const policies& rules() const noexcept { return policies_; }
    /// Differs once anything that the registry holds has changed.
    [[nodiscard]] std::uint64_t revision() const noexcept { return revision_; }
    /// Whose sites have changed since this was last asked; nothing stands for everybody.
    [[nodiscard]] std::optional<std::vector<std::string>> take_touched();
    /// Takes over what others have changed until now; whether there was anything.
    [[nodiscard]] awaitable<bool> look();

    /// Whether there is anybody who may bind names.
    [[nodiscard]] bool is_open() const noexcept;
    /// Whether this one may.
    [[nodiscard]] refusal admit(const std::string& owner) const;
    /// The names that a bare JID has bound by itself or by the operator's command, sorted.
    [[nodiscard]] std::vector<std::string> names_of(std::string_view owner) const;

    /// Binds `name`, as a person types it, to a bare JID. Done too when it is bound to it already; what is
    /// seen by whom is changed then only if `seen_by` says so. A new name is for everybody unless it does.
    [[nodiscard]] awaitable<refusal> claim(std::string owner, std::string name,
                                           std::optional<visibility> seen_by = {});
    /// Gives one name back.
    [[nodiscard]] awaitable<refusal> release(std::string owner, std::string name);
    /// Gives back all that names_of() tells.
    [[nodiscard]] awaitable<refusal> release_all(std::string owner);
    /// Changes a site of that owner; of anybody when `owner` is "", which is the operator.
    [[nodiscard]] awaitable<refusal> change(std::string owner, std::string name, site_change wanted);

    /// Gives a host of its own to a site of that owner; of anybody when `owner` is "". Whoever asks has proved
    /// that the host is theirs: another site loses it.
    [[nodiscard]] awaitable<refusal> add_host(std::string owner, std::string name, std::string host);
    [[nodiscard]] awaitable<refusal> remove_host(std::string owner, std::string host);

    // For the operator alone:
    /// Binds any name that can be one, reserved or not.
    [[nodiscard]] awaitable<refusal> give(std::string owner, std::string name);
    /// Takes a name from whoever has it.
    [[nodiscard]] awaitable<refusal> take(std::string name);
    /// Sets one rule for `subject`: a bare JID, a domain, or "*" for everybody; nothing takes it back.
    [[nodiscard]] awaitable<refusal> rule(std::string subject, policy_key key, std::optional<std::int64_t> value);

    /// A secret that stays the same across restarts, made when it is first asked for; of this process alone
    /// when there is no registry, and nothing while that cannot be read.
    [[nodiscard]] awaitable<std::optional<std::string>> secret(std::string name);
    /// Remembers across restarts that `id` has come to its end, until `expires` (seconds since 1970).
    [[nodiscard]] awaitable<refusal> remember_end(std::string id, std::int64_t expires);
    [[nodiscard]] bool has_ended(const std::string& id) const { return ended_.contains(id); }

  private:
    class turn;

    [[nodiscard]] refusal judge(const std::string& owner, const std::string& name) const;
    [[nodiscard]] refusal judge_change(const std::string& owner, const std::string& name) const;
    [[nodiscard]] refusal failed(const error_code& error) const;
    [[nodiscard]] awaitable<turn> take_turn();
    [[nodiscard]] awaitable<refusal> add(site added);
    [[nodiscard]] awaitable<refusal> write(site before, site after);
    bool take(result<registry_changes> changes);
    void touch(std::string_view name);

    std::optional<registry_thread> kept_;
    std::string file_;
    std::int64_t version_ = -1;  ///< of the registry
    std::uint64_t revision_ = 0;
    bool is_broken_ = false;
    directory sites_;
    std::optional<std::vector<std::string>> touched_;  ///< owners
    policies policies_;
    registration_rules rules_;
    std::set<std::string> ended_;
    std::map<std::string, std::string> secrets_;  ///< where there is no registry
    bool is_looking_ = false;
    std::uint64_t looks_ = 0;
    bool is_changing_ = false;
    net::bell looked_, changed_;
};

}  // namespace crosstalk::gateway
