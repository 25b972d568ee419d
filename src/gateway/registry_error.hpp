// What can go wrong with the registry.
#pragma once

#include "crosstalk/error.hpp"

namespace crosstalk::gateway {

enum class registry_errc {
    name_taken = 1,  ///< a site of that name is there already
    bad_site,        ///< the name is no site name, or there is no owner
    cannot_open,     ///< no such folder, or no permission
    not_a_registry,  ///< the file or database is something else, or damaged
    newer_schema,    ///< written by a newer version of this program
    locked,          ///< another process has kept it locked for seconds
    no_server,       ///< the database's server does not let us in, or does not answer
    failed,          ///< anything else: full disk, I/O error
};

[[nodiscard]] error_code make_error_code(registry_errc e) noexcept;

}  // namespace crosstalk::gateway

template <>
struct boost::system::is_error_code_enum<crosstalk::gateway::registry_errc> : std::true_type {};
