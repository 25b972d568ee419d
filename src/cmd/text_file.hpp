// Small files read whole: configurations, secrets, passwords.
#pragma once

#include <string>

namespace crosstalk::cmd {

struct text_file {
    std::string content;
    std::string error;               ///< "" when it could be read; else why not, and what to do
    bool is_world_readable = false;  ///< every user of this machine may read it
};

/// Reads at most `max` bytes; a longer file is an error.
[[nodiscard]] text_file read_text_file(const std::string& path, std::size_t max);

/// A file that holds one secret on its first line; white space at the line's end is no part of it.
/// `error` is set also when it is empty or has a second line.
[[nodiscard]] text_file read_secret_file(const std::string& path);

}  // namespace crosstalk::cmd
