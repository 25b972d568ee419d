// The program `crosstalk`: reads the command line and hands over to one subcommand.
#include <cstdlib>
#include <exception>
#include <iostream>

#include "cmd/commands.hpp"
#include "cmd/options.hpp"

namespace {

using namespace crosstalk::cmd;

int run(gateway_options const& options) { return run_gateway(options); }
int run(publish_options const& options) { return run_publish(options); }
int run(fetch_options const& options) { return run_fetch(options); }
int run(proxy_options const& options) { return run_proxy(options); }
int run(site_options const& options) { return run_site(options); }
int run(check_options const& options) { return run_check(options); }

}  // namespace

int main(int argc, char** argv) {
    keep_memory_private();
    try {
        auto const parsed = parse_options(argc, argv);
        if (auto const* const status = std::get_if<int>(&parsed)) return *status;
        return std::visit([](auto const& options) { return run(options); }, std::get<command>(parsed));
    } catch (std::exception const& error) {
        std::cerr << "crosstalk: " << error.what()
                  << "; this is not meant to happen, please report it with what you did\n";
        return EXIT_FAILURE;
    }
}
