// One function per subcommand; each returns the program's exit status.
#pragma once

#include "cmd/findings.hpp"
#include "cmd/options.hpp"

namespace crosstalk::cmd {

inline constexpr int exit_usage = 1;  ///< usage or configuration

[[nodiscard]] int run_gateway(const gateway_options& options);
[[nodiscard]] int run_publish(const publish_options& options);
[[nodiscard]] int run_fetch(const fetch_options& options);
[[nodiscard]] int run_proxy(const proxy_options& options);
[[nodiscard]] int run_site(const site_options& options);
[[nodiscard]] int run_check(const check_options& options);

/// Errors, and warnings behind them, on standard error, a line each.
void print(const findings& found);
/// Lets this process open as many files and sockets as the system grants it.
void raise_descriptor_limit();
/// Passwords and what visitors send stay in this process: it leaves no core dump, and others of the
/// same user can neither trace it nor read its memory. root still can.
void keep_memory_private();

}  // namespace crosstalk::cmd
