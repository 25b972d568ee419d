// Asking for a password on the terminal.
#pragma once

#include <optional>
#include <string>

namespace crosstalk::cmd {

/// Asks on the controlling terminal, without echo. Nothing when there is no terminal or its user typed
/// nothing. A signal that ends the program restores the terminal first.
[[nodiscard]] std::optional<std::string> ask_password(const std::string& prompt);

}  // namespace crosstalk::cmd
