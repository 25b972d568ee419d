// A path for one test's file, removed with what SQLite puts beside it.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace crosstalk::gateway::test {

class scratch_file {
  public:
    scratch_file() {
        std::string name = (std::filesystem::temp_directory_path() / "crosstalk-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder for the test");
        folder_ = name;
    }
    scratch_file(const scratch_file&) = delete;
    scratch_file& operator=(const scratch_file&) = delete;
    ~scratch_file() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    [[nodiscard]] std::string path() const { return (folder_ / "sites.db").string(); }
    /// As a registry is opened.
    [[nodiscard]] std::string url() const { return "sqlite:" + path(); }

  private:
    std::filesystem::path folder_;
};

}  // namespace crosstalk::gateway::test
