// The account that a command logs in with: options, environment and file -> net::account.
//
// Rule: the command line wins over the environment, and the environment over the file.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cmd/option_reader.hpp"
#include "cmd/options.hpp"
#include "net/account.hpp"

namespace crosstalk::cmd {

/// What the environment says: CROSSTALK_PASSWORD, CROSSTALK_CONFIG, CROSSTALK_DNS.
struct account_environment {
    std::optional<std::string> password, config, dns;
};
[[nodiscard]] account_environment read_environment();

/// The password is "" when nothing has told it.
void read_account(option_reader& reader, account_options const& options,
                  account_environment const& environment, net::account& to, findings& found);

/// Asks on the terminal for a password that nothing has told; false, with words on standard error, when
/// there is none.
[[nodiscard]] bool complete_password(net::account& account);

/// Calls `read` with what the command line and the file say, which may have keys for other commands
/// too; whether `found` has gained no errors.
[[nodiscard]] bool read_options(account_options const& options, account_environment const& environment,
                                findings& found, const std::function<void(option_reader&)>& read);

}  // namespace crosstalk::cmd
