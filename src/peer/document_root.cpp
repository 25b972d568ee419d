// Opening beneath a folder: openat2 where the kernel has it, a walk that follows no link elsewhere.
#include "peer/document_root.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <tuple>

namespace crosstalk::peer {
namespace {

// O_NONBLOCK: a pipe without a writer would stop the whole process until one comes.
constexpr int read_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
constexpr int walk_flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

error_code system_error(int number) { return {number, boost::system::system_category()}; }

/// The descriptor, or -1 and errno. Links are followed as long as they stay beneath `folder`.
int open_by_kernel(int folder, const char* path) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(read_flags);
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    // EAGAIN: something was renamed meanwhile, and the kernel could not rule an escape out.
    for (int attempt = 0; attempt < 4; ++attempt) {
        const long fd = ::syscall(SYS_openat2, folder, path, &how, sizeof how);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return static_cast<int>(fd);
    }
    return -1;
}

/// The same, segment by segment, for kernels and sandboxes without openat2. Follows no link.
int open_by_walk(int folder, std::string_view path) {
    descriptor held;
    int at = folder;
    for (;;) {
        const auto slash = path.find('/');
        const std::string name{path.substr(0, slash)};
        const bool is_last = slash == std::string_view::npos;
        const int fd = ::openat(at, name.c_str(), is_last ? read_flags | O_NOFOLLOW : walk_flags);
        if (fd < 0 || is_last) return fd;
        held = descriptor{fd};
        at = fd;
        path.remove_prefix(slash + 1);
    }
}

int open_at(int folder, const std::string& path) {
    const int fd = open_by_kernel(folder, path.c_str());
    // EPERM: sandboxes answer so for system calls that they do not know.
    const bool may_be_unknown = errno == ENOSYS || errno == EPERM || errno == EAGAIN || errno == E2BIG;
    return fd < 0 && may_be_unknown ? open_by_walk(folder, path) : fd;
}

/// Whether an error means "there is no such thing for visitors": also a way out and what is no file.
bool is_absence(int number) {
    return number == ENOENT || number == ENOTDIR || number == ELOOP || number == EXDEV ||
           number == ENAMETOOLONG || number == ENXIO || number == EINVAL;
}

result<opened> look_at(int fd) {
    if (fd < 0) return system_error(is_absence(errno) ? ENOENT : errno);
    opened found;
    found.fd = descriptor{fd};
    struct stat facts {};
    if (::fstat(fd, &facts) != 0) return system_error(errno);
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return system_error(ENOENT);
    found.is_folder = S_ISDIR(facts.st_mode);
    found.inode = facts.st_ino;
    found.size = static_cast<std::uint64_t>(facts.st_size);
    found.modified = facts.st_mtim;
    return found;
}

struct close_folder {
    void operator()(DIR* dir) const noexcept { ::closedir(dir); }
};

}  // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

bool is_plain_path(std::string_view path) noexcept {
    if (path.find('\0') != std::string_view::npos) return false;
    for (;;) {
        const auto slash = path.find('/');
        const auto name = path.substr(0, slash);
        if (name.empty() || name == "." || name == "..") return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

result<document_root> document_root::open(const std::string& path) {
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    if (failed) return error_code{failed};
    document_root root{absolute.string()};
    if (const auto folder = root.open_beneath({}); folder.has_error()) return folder.error();
    return root;
}

result<opened> document_root::open_beneath(std::string_view path) const {
    const bool is_root = path.empty();
    const int flags = is_root ? read_flags | O_DIRECTORY : O_PATH | O_DIRECTORY | O_CLOEXEC;
    descriptor root{::open(path_.c_str(), flags)};
    if (!root) return system_error(errno);
    if (is_root) return look_at(root.release());
    if (!is_plain_path(path)) return system_error(ENOENT);
    return look_at(open_at(root.get(), std::string{path}));
}

result<folder_listing> document_root::list(std::string_view path, std::size_t most) const {
    auto folder = open_beneath(path);
    if (folder.has_error()) return folder.error();
    if (!folder->is_folder) return system_error(ENOENT);
    const std::unique_ptr<DIR, close_folder> stream{::fdopendir(folder->fd.get())};
    if (!stream) return system_error(errno);
    std::ignore = folder->fd.release();  // the stream closes it now

    const std::string prefix = path.empty() ? std::string{} : std::string{path} + '/';
    folder_listing list;
    while (const dirent* next = ::readdir(stream.get())) {
        if (next->d_name[0] == '.') continue;
        const auto found = open_beneath(prefix + next->d_name);
        if (found.has_error()) continue;
        if (list.entries.size() == most) {
            list.is_cut = true;
            break;
        }
        list.entries.push_back({next->d_name, found->is_folder, found->size, found->modified.tv_sec});
    }
    std::ranges::sort(list.entries, [](const folder_entry& a, const folder_entry& b) {
        return a.is_folder != b.is_folder ? a.is_folder : a.name < b.name;
    });
    return list;
}

}  // namespace crosstalk::peer
