// See standard_pipe.hpp.
#include "visit/standard_pipe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>

namespace crosstalk::visit {

namespace asio = net::asio;
using net::awaitable;

namespace {

error_code last_error() { return {errno, boost::system::system_category()}; }

/// A description of our own for a pipe or a terminal; -1 for anything else.
int open_anew(int descriptor) {
    struct stat facts {};
    if (::fstat(descriptor, &facts) != 0) return -1;
    if (!S_ISFIFO(facts.st_mode) && ::isatty(descriptor) == 0) return -1;
    const auto path = "/proc/self/fd/" + std::to_string(descriptor);
    const int how = descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY;
    return ::open(path.c_str(), how | O_NONBLOCK | O_CLOEXEC);
}

}  // namespace

struct standard_pipe::state {
    state(const net::executor& ex, int shared) : descriptor(shared), own(ex) {
        const int opened = open_anew(shared);
        if (opened < 0) return;
        error_code failed;
        own.assign(opened, failed);
        if (failed) {
            ::close(opened);
        } else {
            descriptor = opened;
        }
    }

    int descriptor;
    asio::posix::stream_descriptor own;  ///< open where there is something to wait for
};

standard_pipe::standard_pipe(const net::executor& ex, int descriptor)
    : state_(std::make_unique<state>(ex, descriptor)) {}
standard_pipe::standard_pipe(standard_pipe&&) noexcept = default;
standard_pipe::~standard_pipe() = default;

void standard_pipe::cancel() {
    error_code ignored;
    state_->own.cancel(ignored);
}

awaitable<result<std::size_t>> standard_pipe::read(std::span<char> into) {
    for (;;) {
        const auto got = ::read(state_->descriptor, into.data(), into.size());
        if (got >= 0) co_return static_cast<std::size_t>(got);
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !state_->own.is_open()) co_return last_error();
        auto [failed] =
            co_await state_->own.async_wait(asio::posix::stream_descriptor::wait_read, net::as_values);
        if (failed) co_return failed;
    }
}

awaitable<result<void>> standard_pipe::write(std::span<const char> bytes) {
    while (!bytes.empty()) {
        const auto put = ::write(state_->descriptor, bytes.data(), bytes.size());
        if (put >= 0) {
            bytes = bytes.subspan(static_cast<std::size_t>(put));
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN || !state_->own.is_open()) co_return last_error();
        auto [failed] =
            co_await state_->own.async_wait(asio::posix::stream_descriptor::wait_write, net::as_values);
        if (failed) co_return failed;
    }
    co_return result<void>();
}

}  // namespace crosstalk::visit
