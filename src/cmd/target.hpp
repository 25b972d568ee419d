// TARGET of `crosstalk publish`: what is put on the web.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "peer/settings.hpp"

namespace crosstalk::cmd {

using publish_target = std::variant<peer::folder_target, peer::http_target>;

/// Reads a folder's path, http://…, https://… or unix:PATH. Nothing when it is none of these or there
/// is no such folder; `problem` then says what is wrong and what to do.
[[nodiscard]] std::optional<publish_target> parse_target(const std::string& text, std::string& problem);

/// Whether `text` is the path of a folder rather than an address.
[[nodiscard]] bool is_folder_form(const std::string& text);

}  // namespace crosstalk::cmd
