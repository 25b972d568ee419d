// See proxy_configuration.hpp.
#include "cmd/proxy_configuration.hpp"

#include "http/target.hpp"

namespace crosstalk::cmd {

std::optional<visit::proxy_settings> read_proxy_configuration(const proxy_options& options,
                                                              const account_environment& environment,
                                                              findings& found) {
    std::size_t const errors_before = found.errors.size();
    std::optional<toml_file> file;
    if (auto const& path = options.config ? options.config : environment.config) {
        file = toml_file::read(*path, found);
        if (!file) return std::nullopt;
    }
    option_reader reader(file, found);
    visit::proxy_settings out;
    if (auto const g = reader.text("listen", options.listen)) {
        auto const where = http::parse_authority(g->value);
        if (where && where->port != 0)
            out.listen = g->value;
        else
            reader.refuse(*g, R"(an address with a port like "127.0.0.1:8118" or "[::1]:8118")");
    }
    read_account(reader, options, environment, out, found);
    leave_keys_of_publish(reader);
    if (file) file->finish();
    if (found.errors.size() != errors_before) return std::nullopt;
    return out;
}

}  // namespace crosstalk::cmd
