// The operator's rules for people and domains: who may register and visit, and how much each may have.
//
// Rule 1: what is said of a JID outranks what is said of its domain, and that what is said of everybody;
//         where nothing is said the configuration holds.
// Rule 2: what the configuration says of somebody holds, whatever the registry says of the same.
// Rule 3: some limits are a domain's, which all its JIDs share, and hold beside those of each JID.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace crosstalk::gateway {

enum class policy_key : std::uint8_t {
    banned,        ///< 1: neither registers nor visits, and the sites are not shown
    registers,     ///< 1: may bind names, 0: may not
    visits,        ///< 0: may not log in as a visitor
    names,         ///< how many names one JID may bind
    transactions,  ///< open at once at one JID's resources
    rate,          ///< requests a second to one JID's sites
    bandwidth,     ///< bytes a second, both directions together, of one JID's sites
    domain_names,  ///< this and what follows: the same of all JIDs of one domain together
    domain_transactions,
    domain_rate,
    domain_bandwidth,
};
/// As it is written in commands and kept in the registry.
[[nodiscard]] std::string_view to_text(policy_key key) noexcept;
[[nodiscard]] std::optional<policy_key> parse_policy_key(std::string_view text) noexcept;

inline constexpr std::array<policy_key, 11> policy_keys{
    policy_key::banned,      policy_key::registers,       policy_key::visits,
    policy_key::names,       policy_key::transactions,    policy_key::rate,
    policy_key::bandwidth,   policy_key::domain_names,    policy_key::domain_transactions,
    policy_key::domain_rate, policy_key::domain_bandwidth};
/// Whether it is yes or no, 1 or 0; else it is a number of something.
[[nodiscard]] bool is_switch(policy_key key) noexcept;
/// Whether such a rule can be for `subject`: a domain's limit is for no single JID.
[[nodiscard]] bool may_be_said_of(policy_key key, std::string_view subject) noexcept;
/// What a person has typed as the value of a rule; nothing when it can have no such value.
[[nodiscard]] std::optional<std::int64_t> parse_policy_value(policy_key key, std::string_view text) noexcept;

struct policy {
    std::string subject;  ///< a bare JID, a domain, or "*"; prepared
    policy_key key{};
    std::int64_t value = 0;
    bool fixed = false;  ///< by the configuration, and changed only there
    bool operator==(const policy&) const = default;
};

class policies {
  public:
    /// What the registry says now.
    void assign(std::vector<policy> all);
    /// What the configuration says now.
    void fix(std::vector<policy> all);
    /// What holds for a bare JID, or, where the limit is a domain's, for a domain.
    [[nodiscard]] std::optional<std::int64_t> find(std::string_view bare, policy_key key) const;
    [[nodiscard]] bool is_banned(std::string_view bare) const { return find(bare, policy_key::banned).value_or(0) != 0; }
    [[nodiscard]] std::vector<policy> list() const;
    [[nodiscard]] bool is_fixed(std::string_view subject, policy_key key) const;

  private:
    struct said {
        std::int64_t value = 0;
        bool fixed = false;
    };
    void merge();
    [[nodiscard]] std::optional<said> of_subject(std::string_view subject, policy_key key) const;

    std::vector<policy> kept_, fixed_;
    std::map<std::string, std::map<policy_key, said>, std::less<>> rules_;  ///< of both, by subject
};

}  // namespace crosstalk::gateway
