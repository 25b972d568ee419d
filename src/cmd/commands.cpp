// What several subcommands do in the same way.
#include "cmd/commands.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <iostream>

namespace crosstalk::cmd {

void print(const findings& found) {
    for (std::string const& error : found.errors) std::cerr << error << '\n';
    for (std::string const& warning : found.warnings) std::cerr << "warning: " << warning << '\n';
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

void keep_memory_private() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace crosstalk::cmd
