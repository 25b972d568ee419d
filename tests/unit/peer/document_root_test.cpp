#include "peer/document_root.hpp"

#include <doctest/doctest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <thread>

#include "temporary_folder.hpp"

using namespace crosstalk;
using peer::document_root;

namespace {

struct site {
    site() {
        inside.write("a/b.txt", "text");
        outside.write("secret.txt", "secret");
    }
    [[nodiscard]] int error_of(std::string_view path) const {
        const auto root = document_root::open(inside.path.string());
        REQUIRE(root.has_value());
        const auto found = root->open_beneath(path);
        return found.has_error() ? found.error().value() : 0;
    }
    void link(const std::string& target, const std::string& name) const {
        std::filesystem::create_symlink(target, inside.path / name);
    }
    temporary_folder inside, outside;
};

/// From now on openat2 fails with `number` in this thread, as it does in old kernels and some
/// sandboxes.
bool take_openat2_away(unsigned number) {
    sock_filter steps[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program{std::size(steps), steps};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace

TEST_CASE("files and folders beneath the root are opened") {
    const site s;
    const auto root = document_root::open(s.inside.path.string());
    REQUIRE(root.has_value());
    const auto file = root->open_beneath("a/b.txt");
    REQUIRE(file.has_value());
    CHECK(file->size == 4);
    CHECK_FALSE(file->is_folder);
    const auto folder = root->open_beneath("a");
    REQUIRE(folder.has_value());
    CHECK(folder->is_folder);
    const auto whole = root->open_beneath("");
    REQUIRE(whole.has_value());
    CHECK(whole->is_folder);
}

TEST_CASE("a root that is no folder is refused") {
    const site s;
    CHECK(document_root::open((s.inside.path / "a/b.txt").string()).has_error());
    CHECK(document_root::open((s.inside.path / "missing").string()).has_error());
}

TEST_CASE("paths that are not plain lead nowhere") {
    const site s;
    for (const std::string path : {"..", "../secret.txt", "a/..", "a/../a/b.txt", ".", "./a",
                                   "/etc/passwd", "a//b.txt", "a/", "/"}) {
        CAPTURE(path);
        CHECK(s.error_of(path) == ENOENT);
    }
    CHECK(s.error_of(std::string_view{"a/b.txt\0", 8}) == ENOENT);
    CHECK(s.error_of(std::string_view{"a\0/b.txt", 8}) == ENOENT);
    CHECK(s.error_of(std::string(5000, 'x')) == ENOENT);
    CHECK(s.error_of("a/b.txt/c") == ENOENT);
}

TEST_CASE("links out of the folder are not followed, wherever they stand") {
    const site s;
    s.link((s.outside.path / "secret.txt").string(), "absolute");
    s.link("../" + s.outside.path.filename().string() + "/secret.txt", "relative");
    s.link(s.outside.path.string(), "folder");
    s.link("folder", "twice");
    s.link("/proc/self/root", "magic");
    for (const std::string path : {"absolute", "relative", "folder", "folder/secret.txt",
                                   "twice/secret.txt", "magic/etc/passwd"}) {
        CAPTURE(path);
        CHECK(s.error_of(path) == ENOENT);
    }
}

TEST_CASE("a link that stays inside is followed or refused, and a loop ends") {
    const site s;
    s.link("a/b.txt", "short");
    s.link("loop", "loop");
    const int error = s.error_of("short");
    CHECK((error == 0 || error == ENOENT));
    CHECK(s.error_of("loop") == ENOENT);
}

TEST_CASE("what is neither file nor folder is refused without waiting for it") {
    const site s;
    REQUIRE(::mkfifo((s.inside.path / "pipe").c_str(), 0600) == 0);
    CHECK(s.error_of("pipe") == ENOENT);

    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    const auto name = (s.inside.path / "socket").string();
    REQUIRE(name.size() < sizeof where.sun_path);
    std::memcpy(where.sun_path, name.c_str(), name.size() + 1);
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
    CHECK(s.error_of("socket") == ENOENT);
    ::close(fd);
}

TEST_CASE("a root that is replaced is seen at once") {
    const site s;
    const auto place = s.inside.path / "current";
    std::filesystem::create_directory_symlink(s.inside.path / "a", place);
    const auto root = document_root::open(place.string());
    REQUIRE(root.has_value());
    CHECK(root->open_beneath("b.txt").has_value());
    std::filesystem::remove(place);
    std::filesystem::create_directory_symlink(s.outside.path, place);
    CHECK(root->open_beneath("b.txt").has_error());
    CHECK(root->open_beneath("secret.txt").has_value());
}

TEST_CASE("a listing has what may be opened, folders first, and says when it is cut") {
    const site s;
    s.inside.write("z.txt", "12345");
    s.inside.write("B.txt", "");
    s.inside.write(".hidden", "x");
    s.inside.write("sub/x", "x");
    s.link((s.outside.path / "secret.txt").string(), "way-out");
    REQUIRE(::mkfifo((s.inside.path / "pipe").c_str(), 0600) == 0);
    const auto root = document_root::open(s.inside.path.string());
    REQUIRE(root.has_value());

    const auto all = root->list("", 100);
    REQUIRE(all.has_value());
    REQUIRE(all->entries.size() == 4);
    CHECK(all->entries[0].name == "a");
    CHECK(all->entries[0].is_folder);
    CHECK(all->entries[1].name == "sub");
    CHECK(all->entries[2].name == "B.txt");
    CHECK(all->entries[3].name == "z.txt");
    CHECK(all->entries[3].size == 5);
    CHECK_FALSE(all->is_cut);

    const auto some = root->list("", 3);
    REQUIRE(some.has_value());
    CHECK(some->entries.size() == 3);
    CHECK(some->is_cut);
    CHECK(root->list("z.txt", 3).has_error());
}

TEST_CASE("without openat2 files are still found, and no link is followed") {
    const site s;
    s.link("a/b.txt", "short");
    s.link("a", "folder");
    s.link(s.outside.path.string(), "out");
    REQUIRE(::mkfifo((s.inside.path / "pipe").c_str(), 0600) == 0);
    for (const unsigned number : {ENOSYS, EPERM}) {
        CAPTURE(number);
        std::thread([&] {
            REQUIRE(take_openat2_away(number));
            CHECK(s.error_of("a/b.txt") == 0);
            CHECK(s.error_of("a") == 0);
            for (const std::string path : {"short", "folder/b.txt", "out", "out/secret.txt", "pipe",
                                           "..", "a/../a/b.txt", "a/b.txt/c", "missing"}) {
                CAPTURE(path);
                CHECK(s.error_of(path) == ENOENT);
            }
        }).join();
    }
}
