// The sites that were added while the gateway ran, kept in one SQLite file.
//
// Rule 1: several processes may use the file at once: the gateway reads while `crosstalk site` writes.
// Rule 2: the schema has a version; a file written by a newer one is left alone.
// Rule 3: no Asio in here; every call is short and made from one thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crosstalk/error.hpp"
#include "gateway/site.hpp"

namespace crosstalk::gateway {

enum class registry_errc {
    name_taken = 1,  ///< a site of that name is there already
    bad_site,        ///< the name is no site name, or there is no owner
    cannot_open,     ///< no such folder, or no permission
    not_a_registry,  ///< the file is something else, or damaged
    newer_schema,    ///< written by a newer version of this program
    locked,          ///< another process has kept the file locked for seconds
    failed,          ///< anything else: full disk, I/O error
};

[[nodiscard]] error_code make_error_code(registry_errc e) noexcept;

class registry {
  public:
    /// Opens the file at `path`, and creates it when it is not there.
    [[nodiscard]] static result<registry> open(const std::string& path);
    registry(registry&&) noexcept;
    registry& operator=(registry&&) noexcept;
    ~registry();

    /// Adds a site; `created` is filled in when it is 0. name_taken when there is one of that name.
    [[nodiscard]] result<void> add(site added);
    /// Whether there was such a site.
    [[nodiscard]] result<bool> remove(const std::string& name);
    /// Removes all sites of one bare JID; whether there were any.
    [[nodiscard]] result<bool> remove_of(const std::string& owner);
    [[nodiscard]] result<std::optional<site>> find(const std::string& name);
    /// All sites by name.
    [[nodiscard]] result<std::vector<site>> list();
    /// The sites of one bare JID by name.
    [[nodiscard]] result<std::vector<site>> of_owner(const std::string& owner);
    /// A number that differs from the last one when another process has changed the file.
    [[nodiscard]] result<std::int64_t> data_version();

  private:
    struct state;
    explicit registry(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::gateway

template <>
struct boost::system::is_error_code_enum<crosstalk::gateway::registry_errc> : std::true_type {};
