// `crosstalk check`
#include <cstdlib>
#include <iostream>

#include "cmd/commands.hpp"
#include "cmd/configuration.hpp"

namespace crosstalk::cmd {

int run_check(const check_options& options) {
    findings found;
    auto const settings = read_gateway_configuration(options.config, found);
    print(found);
    if (!settings) return exit_usage;
    std::cout << options.config << ": ok\n";
    return EXIT_SUCCESS;
}

}  // namespace crosstalk::cmd
