// A folder that exists for one test.
#pragma once

#include <stdlib.h>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

struct temporary_folder {
    temporary_folder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "crosstalk-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
        path = pattern;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() { std::filesystem::remove_all(path); }

    /// Writes a file, with the folders that lead to it.
    void write(const std::string& name, const std::string& content) const {
        const auto where = path / name;
        std::filesystem::create_directories(where.parent_path());
        std::ofstream(where, std::ios::binary) << content;
    }

    std::filesystem::path path;
};
