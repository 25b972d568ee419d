// `crosstalk publish`
#include "base/log.hpp"
#include "cmd/commands.hpp"
#include "cmd/publish_configuration.hpp"
#include "peer/publish.hpp"

namespace crosstalk::cmd {

int run_publish(const publish_options& options) {
    findings found;
    auto configuration = read_publish_configuration(options, read_environment(), found);
    print(found);
    if (!configuration) return exit_usage;
    peer::settings& settings = configuration->settings;
    if (!complete_password(settings)) return exit_usage;
    base::configure_log(configuration->verbose ? base::log_level::debug : base::log_level::info,
                        base::log_format::text);
    raise_descriptor_limit();
    return peer::run(std::move(settings));
}

}  // namespace crosstalk::cmd
