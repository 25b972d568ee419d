// The folder that is published, and the only way to open something in it.
//
// Rule 1: nothing outside of the folder is opened, whatever the path or the links on it say. The kernel
//         resolves beneath the folder (openat2); where it cannot, no link is followed at all.
// Rule 2: opening never blocks, and what comes back is a regular file or a folder, never a pipe, a
// socket
//         or a device.
// Rule 3: the folder's own path is looked up anew each time, so that a site that is built again, or
//         switched over by a link, is seen at once.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crosstalk/error.hpp"

namespace crosstalk::peer {

/// An open file descriptor that closes itself.
class descriptor {
  public:
    descriptor() = default;
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
    /// Gives the descriptor up to the caller, who closes it.
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

/// A regular file or a folder, open for reading, as it was when it was opened.
struct opened {
    descriptor fd;
    bool is_folder = false;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    timespec modified{};
};

/// One name in a folder, for a listing.
struct folder_entry {
    std::string name;
    bool is_folder = false;
    std::uint64_t size = 0;
    std::time_t modified = 0;
};

struct folder_listing {
    std::vector<folder_entry> entries;
    bool is_cut = false;  ///< there was more than was asked for
};

class document_root {
  public:
    /// Fails when `path` is no folder that can be entered. A relative path is taken from where the
    /// process stands now.
    [[nodiscard]] static result<document_root> open(const std::string& path);

    /// Opens `path` ("" = the folder itself, "css/site.css"; no slash at either end). Errors are those
    /// of open(2) in the system category; a path with an empty, "." or ".." segment, a NUL, or a way
    /// out of the folder, and what is neither file nor folder are ENOENT.
    [[nodiscard]] result<opened> open_beneath(std::string_view path) const;
    /// What the folder at `path` holds that a visitor may open: no dot names, nothing but files and
    /// folders, `most` at most; folders first, then by name.
    [[nodiscard]] result<folder_listing> list(std::string_view path, std::size_t most) const;

  private:
    explicit document_root(std::string path) : path_(std::move(path)) {}
    std::string path_;
};

/// Whether every segment of `path` is a name: not empty, "." or "..", and without NUL.
[[nodiscard]] bool is_plain_path(std::string_view path) noexcept;

}  // namespace crosstalk::peer
