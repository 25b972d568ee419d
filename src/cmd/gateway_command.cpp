// `crosstalk gateway`
#include <optional>

#include "base/log.hpp"
#include "cmd/commands.hpp"
#include "cmd/configuration.hpp"
#include "gateway/gateway.hpp"

namespace crosstalk::cmd {
namespace {

using base::log, base::log_level;

void log_warnings(findings const& found) {
    for (std::string const& warning : found.warnings)
        log(log_level::warning, "configuration", {{"problem", warning}});
}

std::optional<gateway::settings> reload(std::string const& path) {
    findings found;
    auto settings = read_gateway_configuration(path, found);
    for (std::string const& error : found.errors)
        log(log_level::error, "configuration not reloaded", {{"problem", error}});
    log_warnings(found);
    if (settings) base::configure_log(settings->log.level, settings->log.format);
    return settings;
}

}  // namespace

int run_gateway(const gateway_options& options) {
    findings found;
    auto settings = read_gateway_configuration(options.config, found);
    if (!settings) {
        print(found);
        return exit_usage;
    }
    base::configure_log(settings->log.level, settings->log.format);
    log_warnings(found);
    raise_descriptor_limit();
    return gateway::run(std::move(*settings), [path = options.config] { return reload(path); });
}

}  // namespace crosstalk::cmd
