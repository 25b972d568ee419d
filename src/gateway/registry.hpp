// What the operator and people who publish have decided while the gateway ran: sites, their guests and
// hosts, rules, and what has to outlive a restart. Kept in SQLite or PostgreSQL.
//
// Rule 1: several processes may use it at once: the gateway reads while `crosstalk site` writes.
// Rule 2: the schema has a version; what a newer program has written is left alone.
// Rule 3: no Asio in here; calls may wait for a disk or a server for some seconds, and come from one thread
//         at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/database.hpp"
#include "gateway/policies.hpp"
#include "gateway/registry_error.hpp"
#include "gateway/site.hpp"

namespace crosstalk::gateway {

/// What has changed since a revision.
struct registry_changes {
    std::int64_t revision = 0;
    bool is_all = false;                   ///< `sites` is everything that there is
    std::vector<site> sites;               ///< as they are now, in the order of their names
    std::vector<std::string> gone;         ///< names that nobody has any more
    std::optional<std::vector<policy>> rules;  ///< all of them, when any has changed
};

class registry {
  public:
    /// Opens "sqlite:PATH" or "postgresql://…", and makes the tables when they are not there.
    [[nodiscard]] static result<registry> open(const std::string& where);
    /// `where` as it may be shown: the file, or the URL without a password.
    [[nodiscard]] static std::string title_of(const std::string& where);

    /// Adds a site with its guests; `created` is filled in when it is 0. name_taken when there is one of that
    /// name.
    [[nodiscard]] result<void> add(site added);
    /// Whether there was such a site.
    [[nodiscard]] result<bool> remove(const std::string& name);
    /// Removes all sites of one bare JID; whether there were any.
    [[nodiscard]] result<bool> remove_of(const std::string& owner);
    /// Writes what is different between the two about a site: who sees it, its guests, whether it is
    /// suspended. What others have changed meanwhile stays. Whether there is such a site of that owner.
    [[nodiscard]] result<bool> update(const site& before, const site& after);
    [[nodiscard]] result<std::optional<site>> find(const std::string& name);
    /// All sites by name.
    [[nodiscard]] result<std::vector<site>> list();
    /// The sites of one bare JID by name, without guests and hosts.
    [[nodiscard]] result<std::vector<site>> of_owner(const std::string& owner);

    /// Gives a site a host of its own; name_taken when another site has it.
    [[nodiscard]] result<void> add_host(const std::string& host, const std::string& name);
    /// Gives it to that site, whichever has it now; nothing is changed when there is no such site.
    [[nodiscard]] result<void> move_host(const std::string& host, const std::string& name);
    /// Whether there was such a host.
    [[nodiscard]] result<bool> remove_host(const std::string& host);

    [[nodiscard]] result<std::vector<policy>> rules();
    /// Nothing takes the rule back.
    [[nodiscard]] result<void> rule(const std::string& subject, policy_key key,
                                    std::optional<std::int64_t> value);

    /// The text kept under `name`; `made` becomes it when there is none.
    [[nodiscard]] result<std::string> secret(const std::string& name, const std::string& made);
    /// Remembers `id` until `expires`, and forgets what has expired; both in seconds since 1970.
    [[nodiscard]] result<void> remember_end(const std::string& id, std::int64_t expires, std::int64_t now);
    [[nodiscard]] result<std::vector<std::string>> ended(std::int64_t now);

    /// What has changed since `revision`, -1 being the beginning of all.
    [[nodiscard]] result<registry_changes> since(std::int64_t revision);

  private:
    explicit registry(std::unique_ptr<database> db);
    [[nodiscard]] result<void> put_guests(const std::string& name, const std::vector<std::string>& guests);
    [[nodiscard]] result<void> write_change(const site& before, const site& after);
    [[nodiscard]] result<registry_changes> read_all(std::int64_t revision);
    [[nodiscard]] result<registry_changes> read_changes(std::int64_t from, std::int64_t to);
    [[nodiscard]] result<std::int64_t> number(const char* statement);

    std::unique_ptr<database> db_;
};

}  // namespace crosstalk::gateway
