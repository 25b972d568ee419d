// `crosstalk proxy`
#include "base/log.hpp"
#include "cmd/commands.hpp"
#include "cmd/proxy_configuration.hpp"

namespace crosstalk::cmd {

int run_proxy(const proxy_options& options) {
    findings found;
    auto settings = read_proxy_configuration(options, read_environment(), found);
    print(found);
    if (!settings || !complete_password(*settings)) return exit_usage;
    base::configure_log(base::log_level::warning, base::log_format::text);
    raise_descriptor_limit();
    return visit::run_proxy(std::move(*settings));
}

}  // namespace crosstalk::cmd
