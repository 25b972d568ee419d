// See proxy_configuration.hpp.
#include "cmd/proxy_configuration.hpp"

#include "cmd/addresses.hpp"

namespace crosstalk::cmd {

std::optional<visit::proxy_settings> read_proxy_configuration(const proxy_options& options,
                                                              const account_environment& environment,
                                                              findings& found) {
    visit::proxy_settings out;
    const bool is_fine = read_options(options, environment, found, [&](option_reader& reader) {
        if (auto const g = reader.text("listen", options.listen)) {
            out.listen = g->value;
            if (!parse_host_and_port(g->value))
                reader.refuse(*g, R"(an address with a port like "127.0.0.1:8118" or "[::1]:8118")");
        }
        read_account(reader, options, environment, out, found);
    });
    if (!is_fine) return std::nullopt;
    return out;
}

}  // namespace crosstalk::cmd
