// A TOML file whose reader says for each key what it expects; the only user of toml++.
//
// Rule 1: every mistake is reported with file, line and key, and reading goes on.
// Rule 2: a key that nobody has asked for is a mistake: finish() reports it.
// Rule 3: values that may be secret are never part of a report unless refuse() is called for them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/findings.hpp"

namespace crosstalk::cmd {

/// Keys are dotted: "http.listen", and in quotes where a part has dots of its own: `rules."example.org"`. Reports go to
/// the findings given to read(), which must live on.
class toml_file {
  public:
    /// Nothing, and one error, when the file cannot be read or is no TOML.
    [[nodiscard]] static std::optional<toml_file> read(const std::string& path, findings& found);
    toml_file(toml_file&&) noexcept;
    toml_file& operator=(toml_file&&) noexcept;
    ~toml_file();

    // Each gives nothing when the key is absent, or of another type, which is reported.

    [[nodiscard]] std::optional<std::string> text(std::string_view key);
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key);
    [[nodiscard]] std::optional<bool> boolean(std::string_view key);
    [[nodiscard]] std::optional<std::vector<std::string>> texts(std::string_view key);
    /// A string, or a list of them.
    [[nodiscard]] std::optional<std::vector<std::string>> text_or_texts(std::string_view key);
    /// The keys of a table that may have any, sorted.
    [[nodiscard]] std::vector<std::string> keys(std::string_view key);
    /// The key of `name`, one of keys(), in that table.
    [[nodiscard]] static std::string key_in(std::string_view table, std::string_view name);

    [[nodiscard]] bool is_table(std::string_view key) const;
    [[nodiscard]] bool has(std::string_view key) const;
    /// Reports that the value of `key`, which is in the file, is not what was expected.
    void refuse(std::string_view key, std::string_view expected);
    /// The same for one item of its list.
    void refuse_item(std::string_view key, std::size_t index, std::string_view expected);
    /// Reports at the line of `key`: what is wrong is not its type or form.
    void complain(std::string_view key, std::string_view problem);
    void warn(std::string_view key, std::string_view problem);
    /// Reports the absence of `key`, at the line of its table if there is one.
    void require(std::string_view key, std::string_view expected);
    /// A key that is read elsewhere.
    void leave(std::string_view key);
    /// A key that interface texts name and that this version does not build: reported if it is there.
    void not_supported(std::string_view key);

    /// Reports unknown keys, and sorts all errors of this file by line.
    void finish();

    /// Whether every user of this machine can read the file.
    [[nodiscard]] bool is_world_readable() const noexcept;
    /// `path` as seen from the folder of the file.
    [[nodiscard]] std::string beside(const std::string& path) const;

  private:
    struct state;
    explicit toml_file(std::unique_ptr<state> s);
    std::unique_ptr<state> state_;
};

}  // namespace crosstalk::cmd
