// `crosstalk publish`
#include <cstdlib>
#include <iostream>

#include "base/log.hpp"
#include "cmd/commands.hpp"
#include "cmd/password_prompt.hpp"
#include "cmd/publish_configuration.hpp"
#include "peer/peer.hpp"
#include "xmpp/jid.hpp"

namespace crosstalk::cmd {
namespace {

std::optional<std::string> variable(const char* name) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
}

}  // namespace

int run_publish(const publish_options& options) {
    findings found;
    publish_environment const environment{variable("CROSSTALK_PASSWORD"), variable("CROSSTALK_CONFIG"),
                                          variable("CROSSTALK_DNS")};
    auto configuration = read_publish_configuration(options, environment, found);
    print(found);
    if (!configuration) return exit_usage;
    peer::settings& settings = configuration->settings;
    if (settings.password.empty()) {
        std::string const who(xmpp::bare_of(settings.jid));
        auto typed = ask_password("Password of " + who + ": ");
        if (!typed) {
            std::cerr << "crosstalk: there is no password for " << who
                      << "; give --password-file FILE or set CROSSTALK_PASSWORD\n";
            return exit_usage;
        }
        settings.password = std::move(*typed);
    }
    base::configure_log(configuration->verbose ? base::log_level::debug : base::log_level::info,
                        base::log_format::text);
    raise_descriptor_limit();
    return peer::run(std::move(settings));
}

}  // namespace crosstalk::cmd
