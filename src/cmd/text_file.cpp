// Reading whole files with plain system calls, so that errno says what went wrong.
#include "cmd/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace crosstalk::cmd {
namespace {

class descriptor {
  public:
    explicit descriptor(int fd) : fd_(fd) {}
    ~descriptor() {
        if (fd_ >= 0) close(fd_);
    }
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }

  private:
    int fd_;
};

std::string cannot_read() { return "cannot be read: " + std::generic_category().message(errno); }

}  // namespace

text_file read_text_file(const std::string& path, std::size_t max) {
    text_file out;
    descriptor const fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (fd.get() < 0 || fstat(fd.get(), &status) != 0) {
        out.error = cannot_read();
        return out;
    }
    out.is_world_readable = S_ISREG(status.st_mode) && (status.st_mode & S_IROTH) != 0;
    std::array<char, 16 * 1024> buffer;
    while (out.content.size() <= max) {
        ssize_t const got = read(fd.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) out.error = cannot_read();
        if (got <= 0) return out;
        out.content.append(buffer.data(), static_cast<std::size_t>(got));
    }
    out.error = "is longer than " + std::to_string(max) + " bytes; is it the right file?";
    return out;
}

text_file read_secret_file(const std::string& path) {
    text_file file = read_text_file(path, 4096);
    if (!file.error.empty()) return file;
    auto const end = file.content.find_last_not_of(" \t\r\n");
    file.content.resize(end == std::string::npos ? 0 : end + 1);
    if (file.content.empty())
        file.error = "is empty; write the secret into it";
    else if (file.content.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        file.error = "has more than one line; it may hold the secret and nothing else";
    return file;
}

}  // namespace crosstalk::cmd
