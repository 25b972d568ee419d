// A registry of one test's own: an SQLite file, or a schema in the PostgreSQL database that CROSSTALK_REGISTRY
// names.
#pragma once

#include <optional>
#include <string>

#include "gateway/registry.hpp"
#include "scratch_file.hpp"

namespace crosstalk::gateway::test {

class scratch_registry {
  public:
    scratch_registry();
    scratch_registry(const scratch_registry&) = delete;
    scratch_registry& operator=(const scratch_registry&) = delete;
    ~scratch_registry();

    /// As registry::open() takes it.
    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] registry open() const { return registry::open(url_).value(); }
    /// Runs statements of the database's own past the registry.
    void run(const char* sqlite, const char* postgresql) const;
    /// The tables as the first version made them.
    void make_first_version() const;

  private:
    std::optional<scratch_file> file_;
    std::string server_, schema_;
    std::string url_;
};

}  // namespace crosstalk::gateway::test
