// Options and publish.toml -> peer::settings.
//
// Rule: the command line wins over the environment, and the environment over the file.
#pragma once

#include <optional>
#include <string>

#include "cmd/account_configuration.hpp"
#include "peer/settings.hpp"

namespace crosstalk::cmd {

struct publish_configuration {
    peer::settings settings;  ///< the password is "" when nothing has told it
    bool verbose = false;
};

/// Nothing when `found` has gained errors.
[[nodiscard]] std::optional<publish_configuration> read_publish_configuration(
    const publish_options& options, const account_environment& environment, findings& found);

}  // namespace crosstalk::cmd
