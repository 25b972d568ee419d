// Options and publish.toml -> peer::settings.
//
// Rule: the command line wins over the environment, and the environment over the file.
#pragma once

#include <optional>
#include <string>

#include "cmd/findings.hpp"
#include "cmd/options.hpp"
#include "peer/settings.hpp"

namespace crosstalk::cmd {

/// What the environment says: CROSSTALK_PASSWORD, CROSSTALK_CONFIG, CROSSTALK_DNS.
struct publish_environment {
    std::optional<std::string> password, config, dns;
};

struct publish_configuration {
    peer::settings settings;  ///< the password is "" when nothing has told it
    bool verbose = false;
};

/// Nothing when `found` has gained errors.
[[nodiscard]] std::optional<publish_configuration> read_publish_configuration(
    const publish_options& options, const publish_environment& environment, findings& found);

}  // namespace crosstalk::cmd
