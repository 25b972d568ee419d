// See at_once.hpp.
#include "net/at_once.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>

namespace crosstalk::net {
namespace {

constexpr std::size_t buffers_at_once = 64;

std::optional<result<std::size_t>> failed() {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return std::nullopt;
    return error_code(errno, boost::system::system_category());
}

}  // namespace

std::optional<result<std::size_t>> receive_at_once(int socket, boost::asio::mutable_buffer into) {
    const auto size = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT);
    if (size < 0) return failed();
    if (size == 0) return error_code(boost::asio::error::eof);
    return static_cast<std::size_t>(size);
}

std::optional<result<std::size_t>> send_at_once(int socket, const buffer_run& left) {
    std::array<boost::asio::const_buffer, buffers_at_once> pieces;
    std::array<iovec, buffers_at_once> vector;
    const auto next = left.next(pieces);
    for (std::size_t i = 0; i < next.size(); ++i)
        vector[i] = {const_cast<void*>(next[i].data()), next[i].size()};
    msghdr message{};
    message.msg_iov = vector.data();
    message.msg_iovlen = next.size();
    const auto size = ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size < 0) return failed();
    return static_cast<std::size_t>(size);
}

bool is_quiet(int socket, bool may_speak) noexcept {
    char next = 0;
    const auto size = ::recv(socket, &next, sizeof next, MSG_PEEK | MSG_DONTWAIT);
    if (size < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    return size > 0 && may_speak;
}

}  // namespace crosstalk::net
