// Options that may stand on the command line or in a TOML file: each is looked for on the command line
// first, then in the file, and a mistake is told where it stands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cmd/findings.hpp"
#include "cmd/toml_file.hpp"

namespace crosstalk::cmd {

/// A value with the place that it came from.
struct given {
    std::string key;
    std::string value;
    bool is_from_file = false;
};

class option_reader {
  public:
    /// Both must outlive this.
    option_reader(std::optional<toml_file>& file, findings& found) : file_(file), found_(found) {}

    [[nodiscard]] std::optional<given> text(const char* key, std::optional<std::string> const& option);
    /// A whole number as text; in the file it is a number.
    [[nodiscard]] std::optional<given> number(const char* key, std::optional<std::string> const& option);
    [[nodiscard]] std::vector<given> texts(const char* key,
                                           std::optional<std::vector<std::string>> const& option);
    [[nodiscard]] bool flag(const char* key, bool option);
    /// A path as it was meant: one of the file is relative to the file's folder.
    [[nodiscard]] std::string path(given const& g) const;

    void complain(given const& g, std::string const& problem);
    void refuse(given const& g, std::string const& expected);
    void warn(given const& g, std::string const& problem);
    void require(const char* key, std::string const& what);
    /// A key of the file that another command reads.
    void leave(const char* key);

  private:
    std::optional<toml_file>& file_;
    findings& found_;
};

}  // namespace crosstalk::cmd
