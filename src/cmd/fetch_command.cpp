// `crosstalk fetch`
#include "base/log.hpp"
#include "cmd/account_configuration.hpp"
#include "cmd/commands.hpp"
#include "cmd/fetch_configuration.hpp"

namespace crosstalk::cmd {

int run_fetch(const fetch_options& options) {
    findings found;
    auto settings = read_fetch_configuration(options, read_environment(), found);
    print(found);
    if (!settings || !complete_password(*settings)) return exit_usage;
    base::configure_log(base::log_level::warning, base::log_format::text);
    return visit::run_fetch(std::move(*settings));
}

}  // namespace crosstalk::cmd
